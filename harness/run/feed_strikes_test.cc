#include "harness/run/feed_strikes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace harness {
namespace {

using namespace generators;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(FeedStrikes, LosesAFeedInTheMannerOfTheDrill) {
  DrillPlan drill{.inject = DrillKind::kContributionLoss};
  EXPECT_THAT(strike_of(drill), ElementsAre(FeedCommand{FeedKill{}}));
  EXPECT_THAT(mending_of(drill), ElementsAre(FeedCommand{FeedStart{}}));
  drill.loss = LossManner::kStall;
  EXPECT_THAT(strike_of(drill), ElementsAre(FeedCommand{FeedStall{true}}));
  EXPECT_THAT(mending_of(drill), ElementsAre(FeedCommand{FeedStall{false}}));
}

TEST(FeedStrikes, UndoesEveryDegradation) {
  for (const Degradation what : {Degradation::kBitrate, Degradation::kPacketLoss, Degradation::kFreeze, Degradation::kBlack,
                                 Degradation::kSilence, Degradation::kTimestamps}) {
    const DrillPlan drill{.inject = DrillKind::kContributionDegraded, .degradation = what};
    ASSERT_EQ(strike_of(drill).size(), 1U);
    ASSERT_EQ(mending_of(drill).size(), 1U);
    EXPECT_EQ(strike_of(drill)[0].index(), mending_of(drill)[0].index());
    EXPECT_NE(strike_of(drill)[0], mending_of(drill)[0]);
    EXPECT_TRUE(check(strike_of(drill)[0]).has_value());
    EXPECT_TRUE(check(mending_of(drill)[0]).has_value());
  }
}

TEST(FeedStrikes, HasNothingToMendAfterARestart) {
  const DrillPlan drill{.inject = DrillKind::kEncoderRestart};
  EXPECT_THAT(strike_of(drill), ElementsAre(FeedCommand{FeedRestart{}}));
  EXPECT_THAT(mending_of(drill), IsEmpty());
}

}  // namespace
}  // namespace harness
