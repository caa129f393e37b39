#include "harness/engine/hlsjs_abandon_rule.h"

#include <gtest/gtest.h>

#include <vector>

namespace harness::hlsjs {
namespace {

using namespace base::literals;

std::vector<Level> four_levels() {
  return {{.peak = 500_kbps, .average = 400_kbps, .listed = true},
          {.peak = 1_Mbps, .average = 800_kbps, .listed = true},
          {.peak = 2_Mbps, .average = 1600_kbps, .listed = true},
          {.peak = 4_Mbps, .average = 3200_kbps, .listed = true}};
}

Outlook with_buffer(base::Duration buffer) {
  return {.bandwidth = 4_Mbps, .first_byte = 100ms, .buffer = buffer, .segment = 2s, .base = 3, .loaded = 3, .highest = 3};
}

// Of 800 kB of level 3, with the first byte after 100 ms.
Loading loading(base::Duration elapsed, base::ByteCount received) {
  return {.level = 3, .elapsed = elapsed, .first_byte = 100ms, .received = received, .size = 800'000_B};
}

TEST(HlsJsAbandonRule, LeavesADownloadAloneForHalfTheSegment) {
  EXPECT_EQ(patience(with_buffer(1s)), 1s);
  EXPECT_FALSE(rescue(four_levels(), with_buffer(1s), loading(999ms, 50'000_B)));
  EXPECT_TRUE(rescue(four_levels(), with_buffer(1s), loading(1s, 50'000_B)));
}

TEST(HlsJsAbandonRule, LeavesADownloadAloneThatWillBeInTime) {
  // 200 kB in 1 s: 3 s to go.
  EXPECT_FALSE(rescue(four_levels(), with_buffer(3s), loading(1100ms, 200'000_B)));
  EXPECT_TRUE(rescue(four_levels(), with_buffer(2900ms), loading(1100ms, 200'000_B)));
}

// At 1.6 Mbit/s, 2 s at 2 Mbit/s take 2.5 s and 0.1 s, at 1 Mbit/s 1.25 s and 0.1 s; the running one takes another 3 s.
TEST(HlsJsAbandonRule, TakesTheHighestLevelThatIsInTime) {
  const auto one = rescue(four_levels(), with_buffer(1500ms), loading(1100ms, 200'000_B));
  ASSERT_TRUE(one);
  EXPECT_EQ(one->level, 1u);
  EXPECT_TRUE(one->urgent) << "3 s are more than twice 1.35 s";
}

TEST(HlsJsAbandonRule, TakesTheLowestWhenNoneIsInTime) {
  const auto lowest = rescue(four_levels(), with_buffer(1300ms), loading(1100ms, 200'000_B));
  ASSERT_TRUE(lowest);
  EXPECT_EQ(lowest->level, 0u);
}

TEST(HlsJsAbandonRule, StaysWhereALowerLevelWouldTakeLonger) {
  // 600 kB in 1 s: 0.33 s to go; 1 Mbit/s would take 0.42 s and 0.1 s.
  EXPECT_FALSE(rescue(four_levels(), with_buffer(300ms), loading(1100ms, 600'000_B)));
}

TEST(HlsJsAbandonRule, StaysWhereEverythingIsHopeless) {
  // 5 kB in 1 s, 40 kbit/s: 2 s at 1 Mbit/s take 50 s, more than ten segments' time.
  EXPECT_FALSE(rescue(four_levels(), with_buffer(1s), loading(1100ms, 5'000_B)));
}

TEST(HlsJsAbandonRule, NeverLeavesTheTwoLowestLevels) {
  for (const std::size_t level : {0u, 1u}) {
    Loading slow = loading(5s, 50'000_B);
    slow.level = level;
    EXPECT_FALSE(rescue(four_levels(), with_buffer(500ms), slow)) << level;
  }
}

TEST(HlsJsAbandonRule, GoesByTheEstimateBeforeTheFirstByte) {
  Loading silent = loading(1100ms, 0_B);
  silent.first_byte.reset();  // 800 kB at 4 Mbit/s: 1.6 s and 0.1 s
  EXPECT_FALSE(rescue(four_levels(), with_buffer(1700ms), silent));
  EXPECT_TRUE(rescue(four_levels(), with_buffer(1600ms), silent));
}

}  // namespace
}  // namespace harness::hlsjs
