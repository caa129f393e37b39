#include "server/switching/source_selector.h"

#include <gtest/gtest.h>

#include <vector>

namespace server {
namespace {

using namespace std::chrono_literals;
using Switch = SourceSelector::Switch;

constexpr base::Duration kPicture = 40ms;

// Sources that send a picture every 40 ms while they are on; time starts at 0.
struct Sources {
  explicit Sources(SourceSelector::Options options) : selector{options} {}
  Sources() : Sources{SourceSelector::Options{.backup = true}} {}

  void run_to(base::Duration until) {
    for (; now < until; now += kPicture) {
      if (primary) selector.picture(Feed::kPrimary, at());
      if (backup) selector.picture(Feed::kBackup, at());
      if (const auto made = selector.tick(at())) switches.push_back({now, *made});
    }
  }
  base::Instant at() const { return base::Instant{} + now; }
  const Switch& last() const { return switches.back().second; }
  base::Duration last_at() const { return switches.back().first; }

  SourceSelector selector;
  bool primary = true, backup = true;
  base::Duration now{};
  std::vector<std::pair<base::Duration, Switch>> switches;
};

TEST(SourceSelector, TakesThePrimaryFirst) {
  Sources sources;
  sources.run_to(10s);
  ASSERT_EQ(sources.switches.size(), 1U);
  EXPECT_EQ(sources.last(), (Switch{Feed::kNone, Feed::kPrimary, SwitchReason::kFirstPicture}));
}

TEST(SourceSelector, WaitsForThePrimaryBeforeItBeginsWithTheBackup) {
  Sources sources;
  sources.primary = false;
  sources.run_to(320ms);
  EXPECT_EQ(sources.selector.on_air(), Feed::kNone);
  sources.run_to(2s);
  EXPECT_EQ(sources.last(), (Switch{Feed::kNone, Feed::kBackup, SwitchReason::kFirstPicture}));
}

TEST(SourceSelector, SwitchesToTheBackupBehindAMediaGap) {
  Sources sources;
  sources.run_to(2s);
  sources.primary = false;
  sources.run_to(20s);
  ASSERT_EQ(sources.switches.size(), 2U);
  EXPECT_EQ(sources.last(), (Switch{Feed::kPrimary, Feed::kBackup, SwitchReason::kMediaGap}));
  EXPECT_GT(sources.last_at(), 1960ms + 400ms);
  EXPECT_LE(sources.last_at(), 1960ms + 400ms + kPicture);
}

TEST(SourceSelector, SwitchesToTheBackupAsSoonAsTheConnectionHasEnded) {
  Sources sources;
  sources.run_to(2s);
  sources.primary = false;
  sources.selector.ended(Feed::kPrimary);
  sources.run_to(2s + kPicture);
  ASSERT_EQ(sources.switches.size(), 2U);
  EXPECT_EQ(sources.last(), (Switch{Feed::kPrimary, Feed::kBackup, SwitchReason::kMediaGap}));
  sources.primary = true;  // it is back within the time that a gap may take
  sources.run_to(2s + 200ms);
  EXPECT_TRUE(sources.selector.is_sending(Feed::kPrimary, sources.at()));
  EXPECT_EQ(sources.switches.size(), 2U);
  sources.run_to(60s);
  EXPECT_EQ(sources.last().reason, SwitchReason::kFailback);
}

TEST(SourceSelector, HoldsTheLastPictureOfOneThatIsAloneAndComesBackSoon) {
  Sources sources{SourceSelector::Options{.slate_after = 500ms}};
  sources.backup = false;
  sources.run_to(2s);
  sources.primary = false;
  sources.selector.ended(Feed::kPrimary);
  sources.run_to(2s + 400ms);
  sources.primary = true;
  sources.run_to(4s);
  EXPECT_EQ(sources.switches.size(), 1U);
}

TEST(SourceSelector, StaysWhereTheOtherOneIsLostAsWell) {
  Sources sources;
  sources.run_to(2s);
  sources.primary = sources.backup = false;
  sources.run_to(4s);
  EXPECT_EQ(sources.selector.on_air(), Feed::kPrimary);
  sources.backup = true;
  sources.run_to(4040ms);
  EXPECT_EQ(sources.last(), (Switch{Feed::kPrimary, Feed::kBackup, SwitchReason::kMediaGap}));
}

TEST(SourceSelector, FailsBackOnlyToAPrimaryThatHasSentForAWhile) {
  Sources sources;
  sources.run_to(2s);
  sources.primary = false;
  sources.run_to(10s);
  sources.primary = true;
  sources.run_to(14s);
  sources.primary = false;  // flaps
  sources.run_to(15s);
  sources.primary = true;
  sources.run_to(19960ms);
  EXPECT_EQ(sources.selector.on_air(), Feed::kBackup);
  sources.run_to(21s);
  ASSERT_EQ(sources.switches.size(), 3U);
  EXPECT_EQ(sources.last(), (Switch{Feed::kBackup, Feed::kPrimary, SwitchReason::kFailback}));
}

TEST(SourceSelector, DwellsBeforeItFailsBack) {
  Sources sources{{.failover = {.failback_after = 1s, .dwell = 8s}, .backup = true}};
  sources.run_to(2s);
  sources.primary = false;
  sources.run_to(2500ms);
  sources.primary = true;
  sources.run_to(30s);
  ASSERT_EQ(sources.switches.size(), 3U);
  EXPECT_GE(sources.last_at() - sources.switches[1].first, 8s);
}

TEST(SourceSelector, NeverFailsBackWhereItIsToldNotTo) {
  Sources sources{{.failover = {.failback = false}, .backup = true}};
  sources.run_to(2s);
  sources.primary = false;
  sources.run_to(3s);
  sources.primary = true;
  sources.run_to(60s);
  EXPECT_EQ(sources.selector.on_air(), Feed::kBackup);
}

TEST(SourceSelector, ShowsTheSlateWhenAllIsLostAndLeavesItForWhatIsSteady) {
  Sources sources{{.backup = true, .slate_after = 600ms}};
  sources.run_to(2s);
  sources.primary = sources.backup = false;
  sources.run_to(5s);
  EXPECT_EQ(sources.last(), (Switch{Feed::kPrimary, Feed::kSlate, SwitchReason::kMediaGap}));
  EXPECT_GE(sources.last_at(), 1960ms + 600ms);
  sources.backup = true;
  sources.run_to(5200ms);
  sources.backup = false;  // flickers
  sources.run_to(7s);
  EXPECT_EQ(sources.selector.on_air(), Feed::kSlate);
  sources.backup = true;
  sources.run_to(8s);
  EXPECT_EQ(sources.last(), (Switch{Feed::kSlate, Feed::kBackup, SwitchReason::kRecovered}));
}

TEST(SourceSelector, LeavesAnUnfitSourceForAFitOne) {
  Sources sources;
  sources.run_to(6s);
  sources.selector.judge(Feed::kPrimary, false, sources.at());
  sources.run_to(7s);
  EXPECT_EQ(sources.last(), (Switch{Feed::kPrimary, Feed::kBackup, SwitchReason::kUnfit}));
  sources.selector.judge(Feed::kBackup, false, sources.at());
  sources.run_to(20s);
  EXPECT_EQ(sources.switches.size(), 2U) << "the other one is no better";
  sources.selector.judge(Feed::kPrimary, true, sources.at());
  sources.run_to(21s);
  EXPECT_EQ(sources.last(), (Switch{Feed::kBackup, Feed::kPrimary, SwitchReason::kUnfit}));
}

TEST(SourceSelector, TakesAnUnfitSourceRatherThanNone) {
  Sources sources;
  sources.run_to(6s);
  sources.selector.judge(Feed::kBackup, false, sources.at());
  sources.primary = false;
  sources.run_to(7s);
  EXPECT_EQ(sources.selector.on_air(), Feed::kBackup);
}

TEST(SourceSelector, ObeysAnOrderUntilThatSourceIsLost) {
  Sources sources;
  sources.run_to(6s);
  sources.selector.prefer(Feed::kBackup);
  sources.run_to(60s);
  ASSERT_EQ(sources.switches.size(), 2U) << "it does not fail back by itself";
  EXPECT_EQ(sources.last(), (Switch{Feed::kPrimary, Feed::kBackup, SwitchReason::kManual}));
  sources.backup = false;
  sources.run_to(61s);
  EXPECT_EQ(sources.last(), (Switch{Feed::kBackup, Feed::kPrimary, SwitchReason::kMediaGap}));
}

TEST(SourceSelector, IgnoresAnOrderForASourceThatSendsNothing) {
  Sources sources;
  sources.backup = false;
  sources.run_to(6s);
  sources.selector.prefer(Feed::kBackup);
  sources.run_to(7s);
  sources.backup = true;
  sources.run_to(60s);
  EXPECT_EQ(sources.switches.size(), 1U);
}

TEST(SourceSelector, HoldsOnToWhatIsPinned) {
  Sources sources{{.backup = true, .slate_after = 600ms}};
  sources.run_to(6s);
  sources.selector.pin(Feed::kPrimary);
  sources.primary = false;
  sources.run_to(8s);
  EXPECT_EQ(sources.last(), (Switch{Feed::kPrimary, Feed::kSlate, SwitchReason::kMediaGap})) << "the backup is there, but not wanted";
  sources.primary = true;
  sources.run_to(9s);
  EXPECT_EQ(sources.last(), (Switch{Feed::kSlate, Feed::kPrimary, SwitchReason::kPinned}));
  sources.selector.pin(Feed::kBackup);
  sources.run_to(10s);
  EXPECT_EQ(sources.last(), (Switch{Feed::kPrimary, Feed::kBackup, SwitchReason::kPinned}));
  sources.selector.pin(std::nullopt);
  sources.run_to(30s);
  EXPECT_EQ(sources.selector.on_air(), Feed::kPrimary) << "failed back";
}

TEST(SourceSelector, WaitsForAMoreRecentPictureThanTheGap) {
  Sources sources{{.failover = {.switch_after = 200ms}, .backup = true}};
  sources.run_to(2s);
  sources.primary = false;
  sources.run_to(3s);
  EXPECT_LE(sources.last_at(), 1960ms + 200ms + kPicture);
}

}  // namespace
}  // namespace server
