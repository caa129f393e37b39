#include "server/ingest/timecode.h"

#include <algorithm>
#include <limits>

namespace server {

std::optional<base::UtcTime> parse_timecode(std::span<const std::uint8_t> sei) {
  if (sei.size() < kTimecodeUuid.size() + 8) return std::nullopt;
  if (!std::equal(kTimecodeUuid.begin(), kTimecodeUuid.end(), sei.begin())) return std::nullopt;
  std::uint64_t microseconds = 0;
  for (const std::uint8_t byte : sei.subspan(kTimecodeUuid.size(), 8)) microseconds = microseconds << 8 | byte;
  if (microseconds > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / 1000) return std::nullopt;
  return base::UtcTime{std::chrono::microseconds{static_cast<std::int64_t>(microseconds)}};
}

}  // namespace server
