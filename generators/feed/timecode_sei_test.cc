#include "generators/feed/timecode_sei.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "generators/feed/feed.h"

namespace generators {
namespace {

using Bytes = std::vector<std::uint8_t>;
using namespace std::chrono_literals;

const Bytes kParameters{0, 0, 0, 1, 0x67, 0x42, 0, 0, 0, 1, 0x68, 0xCE};
const Bytes kSlice{0, 0, 0, 1, 0x65, 0x88, 0x84};

Bytes joined(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// A time whose microseconds, as 8 bytes, are `us`.
base::UtcTime at(std::int64_t us) { return base::UtcTime{std::chrono::microseconds{us}}; }

TEST(TimecodeSei, StandsBetweenTheParameterSetsAndTheFirstSlice) {
  const Bytes result = with_timecode(joined(kParameters, kSlice), at(0x0006'1122'3344'5566));
  EXPECT_TRUE(std::equal(kParameters.begin(), kParameters.end(), result.begin()));
  EXPECT_TRUE(std::equal(kSlice.rbegin(), kSlice.rend(), result.rbegin()));
  EXPECT_EQ(result[kParameters.size() + 4], 6);
}

TEST(TimecodeSei, HoldsTheIdentifierThenMicrosecondsBigEndian) {
  const Bytes result = with_timecode(kSlice, at(0x0006'1122'3344'5566));
  Bytes expected{0, 0, 0, 1, 6, 5, 24};
  expected.insert(expected.end(), kTimecodeUuid.begin(), kTimecodeUuid.end());
  expected = joined(expected, {0x00, 0x06, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x80});
  EXPECT_EQ(result, joined(expected, kSlice));
}

TEST(TimecodeSei, EscapesZerosThatWouldLookLikeAStartCode) {
  const Bytes result = with_timecode(kSlice, at(0x0000'0001'0000'0002));
  const Bytes escaped{0, 0, 3, 0, 1, 0, 0, 3, 0, 2, 0x80};
  EXPECT_NE(std::search(result.begin(), result.end(), escaped.begin(), escaped.end()), result.end());
}

TEST(TimecodeSei, IsAppendedWhenThereIsNoSlice) {
  const Bytes result = with_timecode(kParameters, at(1));
  EXPECT_GT(result.size(), kParameters.size());
  EXPECT_TRUE(std::equal(kParameters.begin(), kParameters.end(), result.begin()));
}

}  // namespace
}  // namespace generators
