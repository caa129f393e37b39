#include "harness/gate/gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/histogram.h"

namespace harness {
namespace {

using reports::GateRow;
using reports::KpiRow;

Gate gate(const std::string& key, const std::string& threshold) {
  Gate out = *parse_gate_key(key);
  out.thresholds.push_back(*parse_threshold(threshold, out.metric));
  return out;
}

GateRow judged(const std::string& key, const std::string& threshold, const std::vector<KpiRow>& kpis) {
  const std::vector<GateRow> rows = evaluate({gate(key, threshold)}, kpis);
  EXPECT_EQ(rows.size(), 1u);
  return rows.front();
}

KpiRow rate(const std::string& metric, double value, std::uint64_t count) {
  return {.metric = metric, .kind = "rate", .unit = "ratio", .count = count, .value = value};
}

// A trend of the values 1, 2, … n seconds.
KpiRow trend(const std::string& metric, int n, reports::Tags tags = {}) {
  base::Histogram samples;
  for (int i = 1; i <= n; ++i) samples.add(i);
  KpiRow row{.metric = metric,
             .kind = "trend",
             .unit = "s",
             .tags = std::move(tags),
             .count = samples.count(),
             .mean = samples.mean(),
             .min = samples.min(),
             .p50 = samples.quantile(.5),
             .p90 = samples.quantile(.9),
             .p95 = samples.quantile(.95),
             .p99 = samples.quantile(.99),
             .max = samples.max()};
  for (const auto& bucket : samples.buckets()) row.histogram.emplace_back(bucket.upper, bucket.count);
  return row;
}

TEST(GateEvaluate, PassesWhatHolds) {
  const GateRow row = judged("startup_success", "rate>=0.99", {rate("startup_success", 0.995, 200)});
  EXPECT_EQ(row.verdict, "passed");
  EXPECT_EQ(row.observed, 0.995);
  EXPECT_EQ(row.threshold, "rate>=0.99");
  EXPECT_EQ(row.unit, "ratio");
}

TEST(GateEvaluate, FailsWhatDoesNotHold) {
  EXPECT_EQ(judged("startup_success", "rate>=0.99", {rate("startup_success", 0.98, 200)}).verdict, "failed");
}

TEST(GateEvaluate, TreatsTheBoundItselfAsEachComparisonSays) {
  const std::vector<KpiRow> kpis{rate("startup_success", 0.5, 10)};
  for (const char* text : {"rate<=0.5", "rate>=0.5", "rate==0.5"})
    EXPECT_EQ(judged("startup_success", text, kpis).verdict, "passed") << text;
  for (const char* text : {"rate<0.5", "rate>0.5", "rate!=0.5"}) EXPECT_EQ(judged("startup_success", text, kpis).verdict, "failed") << text;
}

TEST(GateEvaluate, IsInconclusiveWithoutData) {
  const KpiRow empty{.metric = "startup_time", .kind = "trend", .unit = "s"};
  const GateRow row = judged("startup_time", "max<8s", {empty});
  EXPECT_EQ(row.verdict, "inconclusive");
  EXPECT_EQ(row.observed, std::nullopt);
  EXPECT_EQ(row.reason, "no data: no session contributed to this KPI");
}

TEST(GateEvaluate, IsInconclusiveWithoutTheKpi) {
  EXPECT_EQ(judged("startup_time{device:ios}", "max<8s", {trend("startup_time", 10)}).verdict, "inconclusive");
}

TEST(GateEvaluate, SelectsTheKpiWithExactlyTheTags) {
  const std::vector<KpiRow> kpis{trend("startup_time", 10), trend("startup_time", 3, {{"device", "ios"}})};
  EXPECT_EQ(judged("startup_time{device:ios}", "max<=3s", kpis).observed, 3);
  EXPECT_EQ(judged("startup_time", "max<=3s", kpis).observed, 10);
}

TEST(GateEvaluate, ReadsStoredStatistics) {
  const std::vector<KpiRow> kpis{trend("startup_time", 100)};
  EXPECT_EQ(judged("startup_time", "avg<1s", kpis).observed, 50.5);
  EXPECT_EQ(judged("startup_time", "min<1s", kpis).observed, 1);
  EXPECT_EQ(judged("startup_time", "p(95)<1s", kpis).observed, *kpis[0].p95);
  EXPECT_EQ(judged("startup_time", "p(100)<1s", kpis).observed, 100);
}

TEST(GateEvaluate, ComputesOtherPercentilesFromTheHistogram) {
  const std::vector<KpiRow> kpis{trend("startup_time", 100)};
  for (const int p : {1, 25, 75, 80, 97})
    EXPECT_NEAR(judged("startup_time", "p(" + std::to_string(p) + ")<1s", kpis).observed.value_or(0), p, 0.008 * p) << p;
}

TEST(GateEvaluate, CountsSessions) {
  const KpiRow sessions{.metric = "sessions", .kind = "counter", .unit = "count", .count = 7, .value = 7};
  EXPECT_EQ(judged("sessions", "count>=8", {sessions}).verdict, "failed");
  EXPECT_EQ(judged("sessions", "value==7", {sessions}).verdict, "passed");
}

TEST(GateEvaluate, FailsRecoveryTimeWhenAffectedSessionsNeverRecovered) {
  const std::vector<KpiRow> kpis{trend("recovery_time", 97), rate("recovery_failures", 0.03, 100)};
  const GateRow longest = judged("recovery_time", "max<1000s", kpis);
  EXPECT_EQ(longest.verdict, "failed");
  EXPECT_EQ(longest.reason, "3 of 100 affected sessions never recovered");
  EXPECT_EQ(judged("recovery_time", "p(98)<1000s", kpis).verdict, "failed");
  EXPECT_EQ(judged("recovery_time", "p(97)<1000s", kpis).verdict, "passed");
}

TEST(GateEvaluate, FailsTimeToDetectWhenADrillWasFeltAndNotDetected) {
  const std::vector<KpiRow> kpis{trend("time_to_detect", 1), rate("detection_failures", 0.5, 2)};
  const GateRow longest = judged("time_to_detect", "max<1000s", kpis);
  EXPECT_EQ(longest.verdict, "failed");
  EXPECT_EQ(longest.reason, "1 of 2 drills that affected sessions were not detected");
  EXPECT_EQ(judged("time_to_detect", "min<1000s", kpis).verdict, "passed");
}

TEST(GateEvaluate, RanksPercentilesOfRecoveryOverAllAffectedSessions) {
  const std::vector<KpiRow> kpis{trend("recovery_time", 50), rate("recovery_failures", 0.5, 100)};
  EXPECT_NEAR(judged("recovery_time", "p(40)<1000s", kpis).observed.value_or(0), 40, 0.4);  // the 40th of 100, not of 50
  EXPECT_EQ(judged("recovery_time", "med<1000s", kpis).observed, 50);
  EXPECT_EQ(judged("recovery_time", "p(51)<1000s", kpis).observed, std::nullopt);
}

// 0.56 * 25 is a little more than 14 in binary.
TEST(GateEvaluate, TheLastOfTheRecoveredIsNotTakenForTheFirstOfTheOthers) {
  const GateRow row = judged("recovery_time", "p(56)<1000s", {trend("recovery_time", 14), rate("recovery_failures", 0.44, 25)});
  EXPECT_EQ(row.verdict, "passed");
  EXPECT_EQ(row.observed, 14);
}

TEST(GateEvaluate, GivesOneRowPerThresholdInOrder) {
  Gate both = gate("startup_time", "max<1s");
  both.thresholds.push_back(*parse_threshold("min<2s", "startup_time"));
  const std::vector<GateRow> rows =
      evaluate({both, gate("startup_success", "rate>0.5")}, {trend("startup_time", 3), rate("startup_success", 1, 3)});
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].verdict, "failed");
  EXPECT_EQ(rows[1].verdict, "passed");
  EXPECT_EQ(rows[2].metric, "startup_success");
}

TEST(Verdict, IsTheWorstOfTheGates) {
  const GateRow passed{.verdict = "passed"}, failed{.verdict = "failed"}, unsure{.verdict = "inconclusive"};
  EXPECT_EQ(verdict_of({}, {}), "passed");
  EXPECT_EQ(verdict_of({passed}, {}), "passed");
  EXPECT_EQ(verdict_of({passed, unsure}, {}), "inconclusive");
  EXPECT_EQ(verdict_of({unsure, failed, passed}, {}), "failed");
}

TEST(Verdict, OfASaturatedHarnessIsInconclusiveWhateverTheGatesSay) {
  const reports::HarnessRow saturated{.saturated = true};
  EXPECT_EQ(verdict_of({{.verdict = "passed"}}, saturated), "inconclusive");
  EXPECT_EQ(verdict_of({{.verdict = "failed"}}, saturated), "inconclusive");
}

TEST(Verdict, HasItsExitCode) {
  EXPECT_EQ(static_cast<int>(exit_code_of("passed")), 0);
  EXPECT_EQ(static_cast<int>(exit_code_of("failed")), 99);
  EXPECT_EQ(static_cast<int>(exit_code_of("inconclusive")), 98);
}

}  // namespace
}  // namespace harness
