#include "harness/calibrate/fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace harness {
namespace {

using namespace base::literals;
using testing::HasSubstr;

// 1, 2, … n milliseconds, in a shuffled order.
std::vector<base::Duration> milliseconds_to(int n) {
  std::vector<base::Duration> out;
  for (int i = 0; i < n; ++i) out.push_back(1ms * (i * 7 % n + 1));
  return out;
}

TEST(FitThink, TakesTheRoundTripOffTheQuantiles) {
  const ThinkTime think = fit_think(milliseconds_to(100), 500us).value();
  EXPECT_EQ(think.at[kMedianQuantile], 49'500us);
  EXPECT_EQ(think.at.front(), 500us);    // p1: the first of a hundred
  EXPECT_EQ(think.at.back(), 98'500us);  // p99: the 99th
  EXPECT_EQ(think.at[6], 89'500us);      // p90
}

TEST(FitThink, GivesNoQuantileThatTooFewSamplesShow) {
  const ThinkTime think = fit_think(milliseconds_to(20), 0s).value();
  EXPECT_EQ(think.at.front(), std::nullopt);
  EXPECT_EQ(think.at.back(), std::nullopt);
  EXPECT_EQ(think.at[7], 19ms);  // p95: one sample is beyond it
  EXPECT_EQ(fit_think({3ms}, 1ms)->at[kMedianQuantile], 2ms);
  EXPECT_EQ(fit_think({}, 1ms), std::nullopt);
}

TEST(FitThink, NeverGoesBelowWhatAModelFileHolds) { EXPECT_EQ(fit_think({100us}, 150us)->at[kMedianQuantile], 1us); }

TEST(FitConnection, TakesRoundTripsAndTheOpenConnectionOff) {
  EXPECT_EQ(fit_connection({30ms, 32ms, 90ms}, {10ms, 12ms, 14ms}, 15ms, false), 5ms);  // 32 - 12 - 15
  EXPECT_EQ(fit_connection({60ms}, {12ms}, 15ms, true), 18ms);                          // 60 - 12 - 2 x 15
  EXPECT_EQ(fit_connection({20ms}, {12ms}, 15ms, false), 0s);
}

LoadStep step(int at_once, double requests_per_s, base::Duration median, double own_load = 0.3) {
  return {.requests_at_once = at_once,
          .answered = 100,
          .requests_per_s = requests_per_s,
          .bits_per_s = requests_per_s * 1e6,
          .median = median,
          .own_load = own_load};
}

TEST(FitCapacity, EndsWhereThroughputNoLongerGrows) {
  std::vector<LoadStep> steps{step(1, 1000, 1ms), step(2, 1900, 1ms), step(4, 2000, 1900us)};
  EXPECT_FALSE(is_at_capacity(steps, LoadOf::kRequests));
  steps.push_back(step(8, 2050, 2ms));
  EXPECT_TRUE(is_at_capacity(steps, LoadOf::kRequests));  // 2050 < 1.1 x 1900
  const Capacity capacity = fit_capacity(steps, LoadOf::kRequests).value();
  EXPECT_DOUBLE_EQ(capacity.value, 2050);
  EXPECT_EQ(capacity.count, 400u);
  EXPECT_THAT(capacity.how, HasSubstr("throughput grew by less than 10 % up to 8 requests at once"));
}

TEST(FitCapacity, IsNotEndedByOneDisturbedStep) {
  EXPECT_FALSE(is_at_capacity({step(1, 1000, 1ms), step(2, 900, 1ms), step(4, 3000, 1ms)}, LoadOf::kRequests));
}

TEST(FitCapacity, EndsWhereAnswersTakeTwiceAsLong) {
  const std::vector<LoadStep> steps{step(1, 1000, 1ms), step(2, 1400, 2100us)};
  EXPECT_TRUE(is_at_capacity(steps, LoadOf::kBytes));
  const Capacity capacity = fit_capacity(steps, LoadOf::kBytes).value();
  EXPECT_DOUBLE_EQ(capacity.value, 1.4e9);
  EXPECT_THAT(capacity.how, HasSubstr("the median rose from 1ms to 2.1ms with 2 requests at once"));
}

// Segments that take longer than the step.
TEST(FitCapacity, DoesWithoutWholeAnswers) {
  const std::vector<LoadStep> steps{step(1, 1000, 0ms), step(2, 1600, 0ms), step(4, 1610, 900ms), step(8, 1620, 0ms)};
  EXPECT_FALSE(is_at_capacity({steps[0], steps[1], steps[2]}, LoadOf::kBytes));
  EXPECT_TRUE(is_at_capacity(steps, LoadOf::kBytes));
  EXPECT_THAT(fit_capacity(steps, LoadOf::kBytes)->how, HasSubstr("most with 8 requests at once, no answer whole in time"));
}

TEST(FitCapacity, SaysWhereItIsABoundOnly) {
  EXPECT_THAT(fit_capacity({step(1, 1000, 1ms), step(2, 2000, 1ms)}, LoadOf::kRequests)->how,
              HasSubstr("at least: no end was in sight with 2"));
  EXPECT_THAT(fit_capacity({step(1, 1000, 1ms), step(2, 1400, 3ms, 0.97)}, LoadOf::kRequests)->how,
              HasSubstr("at least: the measuring program was at 97 % of its processor core"));
  EXPECT_EQ(fit_capacity({}, LoadOf::kRequests), std::nullopt);
}

}  // namespace
}  // namespace harness
