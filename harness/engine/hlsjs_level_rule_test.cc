#include "harness/engine/hlsjs_level_rule.h"

#include <gtest/gtest.h>

#include <vector>

namespace harness::hlsjs {
namespace {

using namespace base::literals;

std::vector<Level> three_levels() {
  return {{.peak = 500_kbps, .average = 400_kbps, .listed = true},
          {.peak = 1_Mbps, .average = 800_kbps, .listed = true},
          {.peak = 2_Mbps, .average = 1600_kbps, .listed = true}};
}

Outlook outlook(base::Bitrate bandwidth, base::Duration buffer, std::size_t loaded) {
  return {.bandwidth = bandwidth, .first_byte = 100ms, .buffer = buffer, .segment = 2s, .base = loaded, .loaded = loaded, .highest = 2};
}

TEST(HlsJsLevelRule, StepsUpOnSeventyPercentOfTheEstimate) {
  struct Row {
    base::Bitrate bandwidth;
    base::Duration buffer;
    std::size_t loaded, chosen;
    const char* why;
  };
  for (const Row& row :
       {Row{2280_kbps, 10s, 1, 1, "0.7 x 2.28 is below the average of 1.6"}, Row{2290_kbps, 10s, 1, 2, "0.7 x 2.29 is above it"},
        Row{1700_kbps, 10s, 2, 2, "0.95 x 1.7 is above 1.6: no step down"}, Row{1680_kbps, 10s, 2, 1, "0.95 x 1.68 is below it"},
        Row{2290_kbps, 3900ms, 1, 1, "below two segments of buffer the peak of 2.0 counts"},
        Row{2860_kbps, 3900ms, 1, 2, "0.7 x 2.86 is above it; 2 s of it take 2.1 s"},
        Row{2860_kbps, 2050ms, 1, 1, "which is too late here: 1 Mbit/s takes 1.1 s"},
        Row{300_kbps, 10s, 1, 0, "nothing fits: the lowest"}}) {
    const auto levels = three_levels();
    EXPECT_EQ(next_level(levels, outlook(row.bandwidth, row.buffer, row.loaded)), row.chosen) << row.why;
  }
}

// 0.95 x 550 = 522 kbit/s: 2 s at 500 take 1.91 s and 0.1 s to the first byte.
TEST(HlsJsLevelRule, AcceptsAShortStallWhenThereIsNoBetter) {
  const auto levels = three_levels();
  const Outlook now = outlook(550_kbps, 300ms, 0);
  EXPECT_FALSE(best_level(levels, now, {.keep = 0.95, .step_up = 0.7}));
  EXPECT_EQ(best_level(levels, now, {.grace = 2s, .keep = 0.95, .step_up = 0.7}), 0u);
}

TEST(HlsJsLevelRule, CountsThePlaylistThatIsMissing) {
  auto levels = three_levels();
  Outlook now = outlook(2860_kbps, 2150ms, 1);  // 2 s at 2 Mbit/s take 2.0 s and 0.1 s
  EXPECT_EQ(next_level(levels, now), 2u);
  levels[2].listed = false;  // another 0.1 s
  EXPECT_EQ(next_level(levels, now), 1u);
}

TEST(HlsJsLevelRule, LooksAtTheRateAloneInALiveStream) {
  const auto levels = three_levels();
  Outlook now = outlook(2860_kbps, 500ms, 1);
  now.live = true;
  EXPECT_EQ(next_level(levels, now), 2u);
}

TEST(HlsJsLevelRule, AvoidsALevelWithErrorsUnlessItIsTheLoadedOne) {
  auto levels = three_levels();
  levels[2].segment_errors = 1;
  EXPECT_EQ(next_level(levels, outlook(10_Mbps, 10s, 1)), 1u);
  EXPECT_EQ(next_level(levels, outlook(10_Mbps, 10s, 2)), 2u);
}

TEST(HlsJsLevelRule, StartsWithTheHighestLevelWithinTheAssumedRate) {
  const auto levels = three_levels();
  const auto start = [&](base::Bitrate assumed) {
    return first_level(levels, {.bandwidth = assumed, .first_byte = 100ms, .base = 1, .highest = 2}, 1);
  };
  EXPECT_EQ(start(1_Mbps), 1u);
  EXPECT_EQ(start(5_Mbps), 2u);
  EXPECT_EQ(start(400_kbps), 1u) << "nothing fits: what is listed first";
}

}  // namespace
}  // namespace harness::hlsjs
