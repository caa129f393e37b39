#include "harness/kpi/kpi_fold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"

namespace harness {
namespace {

using reports::KpiRow;
using reports::SessionRow;
using reports::Tags;

SessionRow started(double startup, double played = 10, double stalled = 0) {
  return {.cohort = "c",
          .device = "ios",
          .network = "wifi",
          .region = "eu",
          .path = "direct",
          .startup_time = startup,
          .played = played,
          .stalled = stalled,
          .bitrate = 2e6,
          .ending = "watched"};
}
SessionRow never_started(const std::string& ending, double planned_at = 0) {
  return {.cohort = "c", .device = "tv", .network = "wifi", .region = "eu", .path = "direct", .planned_at = planned_at, .ending = ending};
}

KpiRow row_of(const std::vector<KpiRow>& rows, const std::string& metric, const Tags& tags = {}) {
  for (const KpiRow& row : rows)
    if (row.metric == metric && row.tags == tags) return row;
  ADD_FAILURE() << "no KPI " << metric;
  return {};
}

KpiFold fold(const std::vector<SessionRow>& sessions) {
  KpiFold out;
  for (const SessionRow& session : sessions) out.add(session);
  return out;
}

TEST(KpiFold, TakesStartupTimeOverTheSessionsThatStarted) {
  const KpiRow row = row_of(fold({started(0.5), started(1.5), never_started("failed")}).close(), "startup_time");
  EXPECT_EQ(row.count, 2u);
  EXPECT_EQ(row.mean, 1.0);
  EXPECT_EQ(row.max, 1.5);
  EXPECT_EQ(row.unit, "s");
  EXPECT_EQ(row.kind, "trend");
}

TEST(KpiFold, SplitsTheSessionsAskedToPlayIntoStartsFailuresAndExits) {
  const auto rows = fold({started(1), started(1), never_started("failed"), never_started("stopped")}).close();
  EXPECT_EQ(row_of(rows, "startup_success").value, 0.5);
  EXPECT_EQ(row_of(rows, "video_start_failures").value, 0.25);
  EXPECT_EQ(row_of(rows, "exits_before_start").value, 0.25);
  EXPECT_EQ(row_of(rows, "startup_success").count, 4u);
}

TEST(KpiFold, LeavesOutSessionsThatTheEndOfTheRunCutOffBeforeTheirFairWait) {
  KpiFold kpis;
  kpis.run_stopped_at(60);
  kpis.add(started(1));
  kpis.add(never_started("stopped", 55.1));  // had 4.9 s
  kpis.add(never_started("stopped", 55.0));  // had 5 s and saw nothing
  const auto rows = kpis.close();
  EXPECT_EQ(row_of(rows, "startup_success").count, 2u);
  EXPECT_EQ(row_of(rows, "startup_success").value, 0.5);
  EXPECT_EQ(row_of(rows, "exits_before_start").value, 0.5);
  EXPECT_EQ(row_of(rows, "sessions").count, 3u);
}

TEST(KpiFold, CountsAFailureBeforeTheStartHoweverLate) {
  KpiFold kpis;
  kpis.run_stopped_at(60);
  kpis.add(never_started("failed", 59));
  EXPECT_EQ(row_of(kpis.close(), "video_start_failures").value, 1.0);
}

TEST(KpiFold, DividesAllStallTimeByAllWatchedTime) {
  const auto rows = fold({started(1, 90, 10), started(1, 0.5, 0.5), never_started("stopped")}).close();
  EXPECT_DOUBLE_EQ(row_of(rows, "rebuffer_ratio").value.value_or(-1), 10.5 / 101);  // not the mean of 0.1 and 0.5
  EXPECT_DOUBLE_EQ(row_of(rows, "session_rebuffer_ratio").mean.value_or(-1), 0.3);
}

TEST(KpiFold, ListsEachInterruption) {
  SessionRow stalled = started(1, 90, 10);
  stalled.stalls = 2;
  stalled.stall_durations = {3, 7};
  const auto rows = fold({stalled, started(1)}).close();
  EXPECT_EQ(row_of(rows, "interruption_duration").count, 2u);
  EXPECT_EQ(row_of(rows, "interruption_duration").max, 7);
  EXPECT_EQ(row_of(rows, "interruption_count").count, 2u);
  EXPECT_EQ(row_of(rows, "interruption_count").mean, 1);
}

TEST(KpiFold, GivesWholeNumbersAsQuantilesOfCounts) {
  std::vector<SessionRow> sessions(10, started(1));
  for (std::uint32_t i = 0; i < 10; ++i) sessions[i].switches = i + 1;
  const KpiRow row = row_of(fold(sessions).close(), "rendition_switches");
  EXPECT_EQ(row.p50, 5);
  EXPECT_EQ(row.p90, 9);
}

TEST(KpiFold, CountsFailuresAfterTheStartOverTheSessionsThatStarted) {
  SessionRow failed = started(1);
  failed.ending = "failed";
  const KpiRow row = row_of(fold({failed, started(1), started(1), started(1), never_started("failed")}).close(), "playback_failures");
  EXPECT_EQ(row.value, 0.25);
  EXPECT_EQ(row.count, 4u);
}

TEST(KpiFold, GroupsByEachSingleTag) {
  SessionRow tv = started(3);
  tv.device = "tv";
  const auto rows = fold({started(1), tv}).close();
  EXPECT_EQ(row_of(rows, "startup_time", {{"device", "ios"}}).mean, 1);
  EXPECT_EQ(row_of(rows, "startup_time", {{"device", "tv"}}).mean, 3);
  EXPECT_EQ(row_of(rows, "startup_time", {{"network", "wifi"}}).count, 2u);
  for (const std::string_view tag : kSessionTags)
    EXPECT_TRUE(std::any_of(rows.begin(), rows.end(), [&](const KpiRow& row) { return row.tags.contains(std::string{tag}); })) << tag;
}

TEST(KpiFold, ListsKpisInTheOrderOfTheirDefinitionThenOfTheirTags) {
  const auto rows = fold({started(1)}).close();
  std::vector<std::string> metrics;
  for (const KpiRow& row : rows)
    if (row.tags.empty()) metrics.push_back(row.metric);
  std::vector<std::string> expected;
  for (const Metric& metric : kMetrics)
    if (!is_optional(metric.name)) expected.emplace_back(metric.name);
  EXPECT_EQ(metrics, expected);
  EXPECT_TRUE(rows[0].tags.empty());
  EXPECT_EQ(rows[1].tags, (Tags{{"cohort", "c"}}));
}

TEST(KpiFold, OfNothingListsKpisWithoutStatistics) {
  for (const KpiRow& row : KpiFold{}.close()) {
    EXPECT_EQ(row.count, 0u) << row.metric;
    EXPECT_EQ(row.mean, std::nullopt) << row.metric;
    EXPECT_EQ(row.ci_low, std::nullopt) << row.metric;
    EXPECT_TRUE(row.tags.empty()) << row.metric;
    EXPECT_EQ(row.value.has_value(), row.metric == "sessions") << row.metric;
    EXPECT_FALSE(row.definition.empty()) << row.metric;
  }
}

TEST(KpiFold, ListsLiveLatencyOnlyWhereASessionHadOne) {
  SessionRow live = started(1);
  live.live_latency = 6;
  EXPECT_EQ(row_of(fold({live}).close(), "live_latency").p50, 6);
  for (const KpiRow& row : fold({started(1)}).close()) EXPECT_NE(row.metric, "live_latency");
}

TEST(KpiFold, CountsViewersWhoLeftBeforeTheStartAsExitsHoweverSoon) {
  KpiFold kpis;
  kpis.run_stopped_at(60);
  kpis.add(started(1));
  kpis.add(never_started("left-before-start", 58));
  const auto rows = kpis.close();
  EXPECT_EQ(row_of(rows, "exits_before_start").value, 0.5);
  EXPECT_EQ(row_of(rows, "startup_success").value, 0.5);
  EXPECT_EQ(row_of(rows, "video_start_failures").value, 0.0);
}

TEST(KpiFold, ListsEachSeekAndKeepsItsWaitOutOfStalls) {
  SessionRow sought = started(1, 90, 10);
  sought.seeking = 3;
  sought.paused = 50;
  sought.seek_latencies = {0, 3};
  const auto rows = fold({sought, started(1, 100)}).close();
  EXPECT_EQ(row_of(rows, "seek_latency").count, 2u);
  EXPECT_EQ(row_of(rows, "seek_latency").max, 3);
  EXPECT_DOUBLE_EQ(row_of(rows, "rebuffer_ratio").value.value_or(-1), 0.05);
  for (const KpiRow& row : fold({started(1)}).close()) EXPECT_NE(row.metric, "seek_latency");
}

TEST(KpiFold, TagsDrillsByName) {
  KpiFold kpis;
  kpis.add(started(1));
  kpis.add(reports::DrillRow{.name = "feed",
                             .injected_at = 30,
                             .detected_at = 31.5,
                             .sessions_affected = 4,
                             .sessions_recovered = 3,
                             .recovery_times = {8, 9, 10}});
  const auto rows = kpis.close();
  EXPECT_EQ(row_of(rows, "recovery_time", {{"drill", "feed"}}).max, 10);
  EXPECT_EQ(row_of(rows, "recovery_failures", {{"drill", "feed"}}).value, 0.25);
  EXPECT_EQ(row_of(rows, "time_to_detect", {{"drill", "feed"}}).mean, 1.5);
  EXPECT_EQ(row_of(rows, "recovery_time").count, 3u);
  EXPECT_EQ(row_of(rows, "detection_failures").value, 0);
  for (const KpiRow& row : rows) EXPECT_TRUE(!row.tags.contains("drill") || is_drill_metric(row.metric)) << row.metric;
}

TEST(KpiFold, CountsDrillsThatWereFeltAndNotDetected) {
  KpiFold kpis;
  kpis.add(reports::DrillRow{.name = "seen", .injected_at = 30, .detected_at = 31, .sessions_affected = 4});
  kpis.add(reports::DrillRow{.name = "small", .injected_at = 60, .sessions_affected = 1});
  kpis.add(reports::DrillRow{.name = "harmless", .injected_at = 90});
  kpis.add(reports::DrillRow{.name = "not injected"});
  const auto rows = kpis.close();
  EXPECT_EQ(row_of(rows, "detection_failures").count, 2u);
  EXPECT_EQ(row_of(rows, "detection_failures").value, 0.5);
  EXPECT_EQ(row_of(rows, "detection_failures", {{"drill", "small"}}).value, 1);
}

TEST(KpiFold, MergesPartsIntoTheWhole) {
  base::Random random{11};
  KpiFold whole;
  std::array<KpiFold, 3> parts;
  for (int i = 0; i < 300; ++i) {
    SessionRow session =
        random.chance(0.1) ? never_started(random.chance(0.5) ? "failed" : "stopped") : started(std::floor(random.uniform(1, 9)), 48, 16);
    session.device = random.chance(0.5) ? "ios" : "tv";
    whole.add(session);
    parts[random.below(3)].add(session);
  }
  parts[0].merge(parts[1]);
  parts[0].merge(parts[2]);
  const auto a = whole.close(), b = parts[0].close();
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(std::tie(a[i].metric, a[i].tags, a[i].count, a[i].value, a[i].mean, a[i].p95, a[i].histogram),
              std::tie(b[i].metric, b[i].tags, b[i].count, b[i].value, b[i].mean, b[i].p95, b[i].histogram));
  }
}

TEST(KpiFold, SharesOfStartupAddUpToOneForAnySessions) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    base::Random random{seed};
    KpiFold kpis;
    kpis.run_stopped_at(60);
    kpis.add(started(1));
    for (std::uint64_t i = random.below(40); i > 0; --i) {
      const std::array<const char*, 4> endings{"watched", "ended", "failed", "stopped"};
      kpis.add(random.chance(0.5) ? started(1) : never_started(endings[random.below(4)], random.uniform(0, 60)));
    }
    const auto rows = kpis.close();
    const auto value = [&](const char* metric) { return row_of(rows, metric).value.value_or(-9); };
    EXPECT_NEAR(value("startup_success") + value("video_start_failures") + value("exits_before_start"), 1, 1e-12) << seed;
  }
}

TEST(WilsonInterval, MatchesPublishedFigures) {
  // 0 failures of n: the upper bound is z^2 / (n + z^2): 0.38 % for 1,000, 0.13 % for 3,000.
  EXPECT_NEAR(wilson_interval(0, 1000).second, 0.0038, 0.00005);
  EXPECT_NEAR(wilson_interval(0, 3000).second, 0.00128, 0.00001);
  EXPECT_NEAR(wilson_interval(8, 10).first, 0.4902, 0.0001);
  EXPECT_NEAR(wilson_interval(8, 10).second, 0.9433, 0.0001);
}

TEST(WilsonInterval, HoldsTheShareAndStaysWithinZeroAndOne) {
  for (std::uint64_t n = 1; n <= 60; ++n) {
    for (std::uint64_t k = 0; k <= n; ++k) {
      const auto [low, high] = wilson_interval(k, n);
      const double share = static_cast<double>(k) / static_cast<double>(n);
      EXPECT_TRUE(0 <= low && low <= share && share <= high && high <= 1) << k << " of " << n;
    }
  }
}

TEST(WilsonInterval, OfNothingIsEverything) { EXPECT_EQ(wilson_interval(0, 0), (std::pair<double, double>{0, 1})); }

}  // namespace
}  // namespace harness
