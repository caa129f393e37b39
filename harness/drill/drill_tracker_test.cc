#include "harness/drill/drill_tracker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace harness {
namespace {

using reports::DrillRow;
using testing::ElementsAre;
using testing::HasSubstr;

std::set<std::uint32_t> sessions(std::uint32_t n) {
  std::set<std::uint32_t> out;
  for (std::uint32_t i = 0; i < n; ++i) out.insert(i);
  return out;
}

// Injected at 10, away for 5 s, with sessions 0 … n-1 targeted.
DrillTracker feed_loss(std::uint32_t n) {
  DrillTracker tracker{"feed", "contribution-loss", 5};
  tracker.injected(10, sessions(n));
  return tracker;
}

TEST(DrillTracker, SaysThatItWasNotInjected) {
  DrillTracker tracker{"feed", "contribution-loss", 5};
  tracker.symptom(3, 1);
  EXPECT_FALSE(tracker.is_injected());
  EXPECT_EQ(tracker.row(60).first_symptom_at, std::nullopt);
  EXPECT_THAT(tracker.row(60).note, HasSubstr("was not injected"));
}

TEST(DrillTracker, FollowsASessionFromSymptomToRecovery) {
  DrillTracker tracker = feed_loss(3);
  tracker.symptom(12, 1);
  tracker.normal(17, 1);
  const DrillRow row = tracker.row(30);
  EXPECT_EQ(row.name, "feed");
  EXPECT_EQ(row.inject, "contribution-loss");
  EXPECT_EQ(row.first_symptom_at, 12);
  EXPECT_EQ(row.recovered_at, 17);
  EXPECT_EQ(row.sessions_targeted, 3u);
  EXPECT_EQ(row.sessions_affected, 1u);
  EXPECT_EQ(row.sessions_recovered, 1u);
  EXPECT_THAT(row.recovery_times, ElementsAre(7));
}

TEST(DrillTracker, BelievesARecoveryAfterASecondOfPlay) {
  DrillTracker tracker = feed_loss(1);
  tracker.symptom(12, 0);
  tracker.normal(17, 0);
  EXPECT_EQ(tracker.row(17.9).sessions_recovered, 0u);
  EXPECT_EQ(tracker.row(18).recovered_at, 17);
}

TEST(DrillTracker, CountsFromTheLastSymptom) {
  DrillTracker tracker = feed_loss(1);
  tracker.symptom(12, 0);
  tracker.normal(13, 0);
  tracker.symptom(16, 0);
  EXPECT_EQ(tracker.row(20).sessions_recovered, 0u);
  tracker.normal(21, 0);
  tracker.normal(25, 0);  // still playing: no news
  EXPECT_THAT(tracker.row(30).recovery_times, ElementsAre(11));
}

TEST(DrillTracker, HasRecoveredWhenTheLastSessionHas) {
  DrillTracker tracker = feed_loss(2);
  tracker.symptom(12, 0);
  tracker.symptom(13, 1);
  tracker.normal(17, 0);
  EXPECT_EQ(tracker.row(20).recovered_at, std::nullopt);
  EXPECT_THAT(tracker.row(20).note, HasSubstr("1 of 2 affected sessions have not recovered"));
  tracker.normal(22, 1);
  EXPECT_EQ(tracker.row(30).recovered_at, 22);
}

TEST(DrillTracker, HasNotRecoveredBeforeTheInjectionEnds) {
  DrillTracker tracker = feed_loss(1);
  tracker.symptom(11, 0);
  tracker.normal(12, 0);
  EXPECT_EQ(tracker.row(14).recovered_at, std::nullopt);
  EXPECT_EQ(tracker.row(15).recovered_at, 15);
  EXPECT_THAT(tracker.row(15).recovery_times, ElementsAre(2));
}

TEST(DrillTracker, WithoutSymptomsHasRecoveredAtTheEndOfTheInjection) {
  DrillTracker tracker = feed_loss(4);
  EXPECT_EQ(tracker.row(14).recovered_at, std::nullopt);
  EXPECT_EQ(tracker.row(15).recovered_at, 15);
  EXPECT_THAT(tracker.row(15).note, HasSubstr("no targeted session showed a symptom"));
}

TEST(DrillTracker, SaysThatNobodyWasThere) { EXPECT_THAT(feed_loss(0).row(20).note, HasSubstr("no targeted session was active")); }

TEST(DrillTracker, DetectsWithTheFirstSymptomOfFewSessions) {
  DrillTracker tracker = feed_loss(100);
  tracker.symptom(12.5, 42);
  EXPECT_EQ(tracker.row(13).detected_at, 12.5);
}

TEST(DrillTracker, DetectsManySessionsAtOnePercent) {
  DrillTracker tracker = feed_loss(201);  // 1 % is 2.01: three sessions
  tracker.symptom(12, 1);
  tracker.symptom(12.1, 1);  // the same session again
  tracker.symptom(13, 2);
  EXPECT_EQ(tracker.row(14).detected_at, std::nullopt);
  tracker.symptom(14, 3);
  EXPECT_EQ(tracker.row(15).detected_at, 14);
}

TEST(DrillTracker, IgnoresSessionsThatAreNotTargeted) {
  DrillTracker tracker = feed_loss(3);
  tracker.symptom(12, 7);
  EXPECT_EQ(tracker.row(20).sessions_affected, 0u);
}

TEST(DrillTracker, IgnoresSymptomsOutsideTheWindow) {
  DrillTracker tracker = feed_loss(3);
  tracker.symptom(45.1, 1);
  EXPECT_EQ(tracker.row(60).sessions_affected, 0u);
  tracker.symptom(45, 2);  // 30 s after the end of the injection
  EXPECT_EQ(tracker.row(60).sessions_affected, 1u);
}

TEST(DrillTracker, KeepsARecoveryThatOutlastedTheWindow) {
  DrillTracker tracker = feed_loss(1);
  tracker.symptom(12, 0);
  tracker.normal(17, 0);
  tracker.symptom(50, 0);
  EXPECT_THAT(tracker.row(60).recovery_times, ElementsAre(7));
}

TEST(DrillTracker, KeepsTroubleThatOutlastsTheWindow) {
  DrillTracker tracker = feed_loss(1);
  tracker.symptom(12, 0);
  tracker.symptom(50, 0);
  tracker.normal(55, 0);
  EXPECT_THAT(tracker.row(60).recovery_times, ElementsAre(45));
}

TEST(DrillTracker, CountsALeaverInNormalPlayAsRecovered) {
  DrillTracker tracker = feed_loss(1);
  tracker.symptom(12, 0);
  tracker.normal(17, 0);
  tracker.left(17.5, 0);
  EXPECT_EQ(tracker.row(17.6).sessions_recovered, 1u);
}

TEST(DrillTracker, NeverRecoversALeaverInTrouble) {
  DrillTracker tracker = feed_loss(1);
  tracker.symptom(12, 0);
  tracker.left(14, 0);
  tracker.normal(15, 0);
  const DrillRow row = tracker.row(60);
  EXPECT_EQ(row.sessions_recovered, 0u);
  EXPECT_EQ(row.recovered_at, std::nullopt);
}

}  // namespace
}  // namespace harness
