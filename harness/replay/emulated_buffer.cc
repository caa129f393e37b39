#include "harness/replay/emulated_buffer.h"

#include <algorithm>
#include <numeric>
#include <set>

namespace harness {
namespace {

base::Duration level(const std::vector<base::Duration>& durations, const std::vector<RequestRecord>& requests, RequestKind kind,
                     base::Duration played) {
  std::set<int> arrived;
  for (const RequestRecord& each : requests)
    if (each.kind == kind && each.segment && is_complete(each)) arrived.insert(*each.segment);
  if (arrived.empty()) return {};
  base::Duration loaded{};
  for (int number = *arrived.begin(); arrived.contains(number) && static_cast<std::size_t>(number) <= durations.size(); ++number)
    loaded += durations[static_cast<std::size_t>(number) - 1];
  return std::max(loaded - played, base::Duration{});
}

}  // namespace

BufferLevels levels_of(const ContentTable& content, const std::vector<RequestRecord>& requests, base::Duration played) {
  return {level(content.video.front().track.durations, requests, RequestKind::kVideo, played),
          level(content.audio.durations, requests, RequestKind::kAudio, played)};
}

}  // namespace harness
