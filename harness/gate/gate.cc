#include "harness/gate/gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/ensure.h"
#include "base/histogram.h"
#include "base/nearest_rank.h"
#include "harness/kpi/metrics.h"

namespace harness {
namespace {

using reports::GateRow;
using reports::KpiRow;

const KpiRow* find_kpi(const std::vector<KpiRow>& kpis, const std::string& metric, const reports::Tags& tags) {
  const auto at = std::find_if(kpis.begin(), kpis.end(), [&](const KpiRow& row) { return row.metric == metric && row.tags == tags; });
  return at == kpis.end() ? nullptr : &*at;
}

// A percentile that the row does not carry, from its histogram; as exact as the buckets (0.8 %).
std::optional<double> percentile_from_buckets(const KpiRow& kpi, double percentile) {
  base::Histogram histogram;
  for (const auto& [upper, count] : kpi.histogram) histogram.add(std::nextafter(upper, 0.0), count);
  if (histogram.count() == 0) return std::nullopt;
  const double value = std::clamp(histogram.quantile(percentile / 100), kpi.min.value_or(0), kpi.max.value_or(histogram.max()));
  return kpi.unit == "count" ? std::round(value) : value;
}

std::optional<double> percentile_of(const KpiRow& kpi, double percentile) {
  if (percentile == 50) return kpi.p50;
  if (percentile == 90) return kpi.p90;
  if (percentile == 95) return kpi.p95;
  if (percentile == 99) return kpi.p99;
  if (percentile == 100) return kpi.max;
  return percentile_from_buckets(kpi, percentile);
}

// Absent: the KPI has no data for it.
std::optional<double> observed_in(const KpiRow& kpi, const Threshold& threshold) {
  switch (threshold.statistic) {
    case Statistic::kRate:
    case Statistic::kValue:
      return kpi.value;
    case Statistic::kCount:
      return static_cast<double>(kpi.count);
    case Statistic::kMean:
      return kpi.mean;
    case Statistic::kMin:
      return kpi.min;
    case Statistic::kMedian:
      return kpi.p50;
    case Statistic::kMax:
      return kpi.max;
    case Statistic::kPercentile:
      return percentile_of(kpi, threshold.percentile);
  }
  ENSURE(false);
}

bool holds(double observed, Comparison comparison, double bound) {
  switch (comparison) {
    case Comparison::kLess:
      return observed < bound;
    case Comparison::kLessEqual:
      return observed <= bound;
    case Comparison::kGreater:
      return observed > bound;
    case Comparison::kGreaterEqual:
      return observed >= bound;
    case Comparison::kEqual:
      return observed == bound;
    case Comparison::kNotEqual:
      return observed != bound;
  }
  ENSURE(false);
}

// Affected sessions that never recovered have no recovery time: it is longer than any that was measured.
struct Unrecovered {
  std::uint64_t sessions = 0, affected = 0;
  std::uint64_t recovered() const { return affected - sessions; }
  std::uint64_t rank(double percentile) const { return base::nearest_rank(percentile / 100, affected); }
};
Unrecovered unrecovered_of(const Gate& gate, const std::vector<KpiRow>& kpis) {
  const KpiRow* failures = gate.metric == "recovery_time" ? find_kpi(kpis, "recovery_failures", gate.tags) : nullptr;
  if (failures == nullptr || !failures->value) return {};
  return {static_cast<std::uint64_t>(std::llround(*failures->value * static_cast<double>(failures->count))), failures->count};
}

// Whether the statistic, taken over recovered and unrecovered sessions, falls on an unrecovered one.
bool is_unbounded(const Threshold& threshold, const Unrecovered& unrecovered) {
  if (unrecovered.sessions == 0) return false;
  switch (threshold.statistic) {
    case Statistic::kMin:
      return unrecovered.recovered() == 0;
    case Statistic::kMedian:
      return unrecovered.rank(50) > unrecovered.recovered();
    case Statistic::kPercentile:
      return unrecovered.rank(threshold.percentile) > unrecovered.recovered();
    default:
      return true;
  }
}

// The same rank, counted among the recovered sessions only: the unrecovered ones stand above all of them.
Threshold among_recovered(Threshold threshold, const Unrecovered& unrecovered) {
  if (threshold.statistic == Statistic::kMedian) {
    threshold.statistic = Statistic::kPercentile;
    threshold.percentile = 50;
  }
  if (threshold.statistic == Statistic::kPercentile)
    threshold.percentile = 100 * static_cast<double>(unrecovered.rank(threshold.percentile)) / static_cast<double>(unrecovered.recovered());
  return threshold;
}

bool wants_small(Comparison comparison) {
  return comparison == Comparison::kLess || comparison == Comparison::kLessEqual || comparison == Comparison::kEqual;
}

GateRow judge_unbounded(GateRow row, const Threshold& threshold, const Unrecovered& unrecovered) {
  row.verdict = wants_small(threshold.comparison) ? "failed" : "passed";
  row.reason = fmt::format("{} of {} affected sessions never recovered", unrecovered.sessions, unrecovered.affected);
  return row;
}

std::string no_data_reason(const Gate& gate) {
  if (gate.metric == "interruption_duration")
    return "no session was interrupted; to gate on that, use interruption_count or rebuffer_ratio";
  if (is_drill_metric(gate.metric)) return "no session showed a symptom of the drill";
  return "no data: no session contributed to this KPI";
}

GateRow judge(const Gate& gate, const Threshold& threshold, const std::vector<KpiRow>& kpis) {
  const Metric* metric = metric_named(gate.metric);
  ENSURE(metric != nullptr);
  GateRow row{.metric = gate.metric,
              .tags = gate.tags,
              .threshold = threshold.text,
              .observed = {},
              .unit = std::string{metric->unit},
              .verdict = "inconclusive",
              .reason = ""};
  const Unrecovered unrecovered = unrecovered_of(gate, kpis);
  if (is_unbounded(threshold, unrecovered)) return judge_unbounded(std::move(row), threshold, unrecovered);
  const KpiRow* kpi = find_kpi(kpis, gate.metric, gate.tags);
  if (kpi != nullptr) row.observed = observed_in(*kpi, unrecovered.sessions > 0 ? among_recovered(threshold, unrecovered) : threshold);
  if (row.observed) {
    row.verdict = holds(*row.observed, threshold.comparison, threshold.bound) ? "passed" : "failed";
  } else {
    row.reason = no_data_reason(gate);
  }
  return row;
}

bool any_has(const std::vector<GateRow>& gates, std::string_view verdict) {
  return std::any_of(gates.begin(), gates.end(), [&](const GateRow& gate) { return gate.verdict == verdict; });
}

}  // namespace

std::vector<GateRow> evaluate(const std::vector<Gate>& gates, const std::vector<KpiRow>& kpis) {
  std::vector<GateRow> rows;
  for (const Gate& gate : gates)
    for (const Threshold& threshold : gate.thresholds) rows.push_back(judge(gate, threshold, kpis));
  return rows;
}

std::string verdict_of(const std::vector<GateRow>& gates, const reports::HarnessRow& harness) {
  if (harness.saturated) return "inconclusive";
  if (any_has(gates, "failed")) return "failed";
  return any_has(gates, "inconclusive") ? "inconclusive" : "passed";
}

base::ExitCode exit_code_of(const std::string& verdict) {
  if (verdict == "passed") return base::ExitCode::kPassed;
  if (verdict == "failed") return base::ExitCode::kGateFailed;
  ENSURE(verdict == "inconclusive");
  return base::ExitCode::kInconclusive;
}

}  // namespace harness
