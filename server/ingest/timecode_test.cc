#include "server/ingest/timecode.h"

#include <gtest/gtest.h>

#include <vector>

namespace server {
namespace {
using namespace std::chrono_literals;

std::vector<std::uint8_t> sei(std::uint64_t microseconds) {
  std::vector<std::uint8_t> bytes(kTimecodeUuid.begin(), kTimecodeUuid.end());
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(microseconds >> shift));
  return bytes;
}

TEST(Timecode, ReadsMicrosecondsSince1970) {
  EXPECT_EQ(parse_timecode(sei(1'790'000'000'123'456)), base::UtcTime{1'790'000'000'123'456us});
}

TEST(Timecode, IgnoresOtherSei) {
  std::vector<std::uint8_t> other = sei(1);
  other[3] ^= 1;
  EXPECT_EQ(parse_timecode(other), std::nullopt);
}

TEST(Timecode, IgnoresOneThatIsCutShort) {
  const std::vector<std::uint8_t> whole = sei(1);
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_EQ(parse_timecode(std::span{whole}.first(size)), std::nullopt);
}

TEST(Timecode, IgnoresTimesThatDoNotFitOurClock) { EXPECT_EQ(parse_timecode(sei(~0ULL)), std::nullopt); }

}  // namespace
}  // namespace server
