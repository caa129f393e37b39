#include "harness/delivery/think_draw.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace harness {
namespace {

using namespace base::literals;

ThinkTime median_and_p99(base::Duration median, base::Duration p99) {
  ThinkTime think;
  think.at[kMedianQuantile] = median;
  think.at.back() = p99;
  return think;
}

TEST(ThinkDraw, GoesThroughTheGivenQuantiles) {
  const ThinkTime think = median_and_p99(2ms, 8ms);
  EXPECT_NEAR(base::to_milliseconds(think_at(think, 0)), 2, 1e-4);
  EXPECT_NEAR(base::to_milliseconds(think_at(think, kQuantiles.back().deviations)), 8, 1e-4);
  // Half of the deviations: half of the way of the logarithm, the geometric mean of 2 and 8.
  EXPECT_NEAR(base::to_milliseconds(think_at(think, kQuantiles.back().deviations / 2)), 4, 1e-4);
  // And the same on the other side of the median: a log-normal.
  EXPECT_NEAR(base::to_milliseconds(think_at(think, -kQuantiles.back().deviations)), 0.5, 1e-4);
}

TEST(ThinkDraw, TakesTheStretchOfTheQuantilesAround) {
  ThinkTime think = median_and_p99(2ms, 32ms);
  think.at[6] = 4ms;  // p90
  EXPECT_NEAR(base::to_milliseconds(think_at(think, kQuantiles[6].deviations)), 4, 1e-4);
  EXPECT_NEAR(base::to_milliseconds(think_at(think, kQuantiles[6].deviations / 2)), 2.8284271, 1e-4);
  const double between = (kQuantiles[6].deviations + kQuantiles.back().deviations) / 2;
  EXPECT_NEAR(base::to_milliseconds(think_at(think, between)), 11.3137085, 1e-4);
}

TEST(ThinkDraw, NeverThinksLongerThanAMinute) { EXPECT_EQ(think_at(median_and_p99(1ms, 60s), 4), kLongestThink); }

TEST(ThinkDraw, TakesTheMedianAloneForEveryAnswer) {
  ServerModel model;
  model.think[static_cast<std::size_t>(ObjectKind::kInit)] = ThinkTime{};
  model.think[static_cast<std::size_t>(ObjectKind::kInit)]->at[kMedianQuantile] = 7ms;
  ThinkDraw draw{model, 1};
  for (int i = 0; i < 10; ++i) EXPECT_EQ(draw.draw(ObjectKind::kInit), 7ms);
  EXPECT_EQ(draw.draw(ObjectKind::kSegment), kAssumedThink);
}

TEST(ThinkDraw, DrawsTheSameForASeedAndHasTheGivenMedian) {
  ServerModel model;
  model.think[static_cast<std::size_t>(ObjectKind::kSegment)] = median_and_p99(2ms, 8ms);
  ThinkDraw one{model, 1}, two{model, 1}, other{model, 2};
  std::vector<base::Duration> drawn;
  int alike = 0;
  for (int i = 0; i < 10'001; ++i) {
    drawn.push_back(one.draw(ObjectKind::kSegment));
    EXPECT_EQ(drawn.back(), two.draw(ObjectKind::kSegment));
    alike += drawn.back() == other.draw(ObjectKind::kSegment) ? 1 : 0;
  }
  EXPECT_LT(alike, 10);
  std::sort(drawn.begin(), drawn.end());
  EXPECT_NEAR(base::to_milliseconds(drawn[5000]), 2, 0.05);
  EXPECT_NEAR(base::to_milliseconds(drawn[9900]), 8, 0.8);
}

}  // namespace
}  // namespace harness
