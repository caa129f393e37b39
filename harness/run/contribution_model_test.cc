#include "harness/run/contribution_model.h"

#include <gtest/gtest.h>

#include "base/virtual_timeline.h"

// What it makes of feeds that come and go is held against the server's own rules in tests/contract.
namespace harness {
namespace {

using namespace base::literals;
using Feed = ContributionModel::Feed;
using Output = ContributionModel::Output;

constexpr base::Instant kSince = base::VirtualTimeline::kStart;

TEST(ContributionModel, HaltsUntilTheBackupTakesOver) {
  ContributionModel model{{.switch_after = 2s, .failback_after = 5s, .backup = true, .slate = false}};
  EXPECT_EQ(model.next_change(), std::nullopt);
  model.lose(Feed::kPrimary, std::nullopt, kSince + 10s, kSince + 60s);
  model.advance(kSince + 10s);
  EXPECT_EQ(model.output(), Output::kHalted);
  EXPECT_EQ(model.halted_at(), kSince + 10s);
  EXPECT_EQ(model.halted_until(), kSince + 12s);
  EXPECT_EQ(model.next_change(), kSince + 12s);
  model.advance(kSince + 12s);
  EXPECT_EQ(model.output(), Output::kFlows);
}

TEST(ContributionModel, HaltsUntilAFeedIsKnownToReturn) {
  ContributionModel model{{.switch_after = 2s, .failback_after = 5s, .backup = true, .slate = false}};
  model.lose(Feed::kPrimary, std::nullopt, kSince + 10s, kSince + 11s);
  model.advance(kSince + 10s);
  EXPECT_EQ(model.halted_until(), kSince + 11s);
  model.regain(Feed::kPrimary, kSince + 11s);
  model.advance(kSince + 11s);
  EXPECT_EQ(model.output(), Output::kFlows);
}

TEST(ContributionModel, HaltsUntilAllIsLost) {
  ContributionModel model{{.switch_after = 2s, .failback_after = 5s, .backup = false, .slate = false}};
  EXPECT_EQ(model.loss_after(), 500ms);
  model.lose(Feed::kPrimary, std::nullopt, kSince + 10s, kSince + 60s);
  model.advance(kSince + 10s);
  EXPECT_EQ(model.halted_until(), kSince + 10500ms);
  model.advance(kSince + 10500ms);
  EXPECT_EQ(model.output(), Output::kLost);
  EXPECT_EQ(model.halted_at(), kSince + 10s);
  EXPECT_EQ(model.next_change(), std::nullopt);
}

TEST(ContributionModel, LosesNoTimeWhereTheConnectionHasEnded) {
  ContributionModel model{{.switch_after = 2s, .failback_after = 5s, .backup = true, .slate = false}};
  model.lose(Feed::kPrimary, 0s, kSince + 10s);
  model.advance(kSince + 10s);
  EXPECT_EQ(model.output(), Output::kFlows);
}

TEST(ContributionModel, HaltsUntilTheConnectionIsSeenToEnd) {
  ContributionModel model{{.switch_after = 8s, .failback_after = 5s, .backup = true, .slate = false}};
  model.lose(Feed::kPrimary, 5s, kSince + 10s);
  model.advance(kSince + 10s);
  EXPECT_EQ(model.halted_until(), kSince + 15s);
}

}  // namespace
}  // namespace harness
