#include "harness/gate/gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
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

// A time that has no value where it did not come to an end: it is longer than any that was measured.
struct Endless {
  std::string_view time, failures;  // metrics
  const char* told;                 // of so many of so many
};
constexpr std::array kEndless{Endless{"recovery_time", "recovery_failures", "{} of {} affected sessions never recovered"},
                              Endless{"time_to_detect", "detection_failures", "{} of {} drills that affected sessions were not detected"}};

// Of an Endless metric.
struct Failures {
  std::uint64_t failed = 0, all = 0;
  const char* told = "";
  std::uint64_t ended() const { return all - failed; }
  std::uint64_t rank(double percentile) const { return base::nearest_rank(percentile / 100, all); }
};
Failures failures_of(const Gate& gate, const std::vector<KpiRow>& kpis) {
  const auto endless = std::ranges::find(kEndless, gate.metric, &Endless::time);
  const KpiRow* row = endless == kEndless.end() ? nullptr : find_kpi(kpis, std::string{endless->failures}, gate.tags);
  if (row == nullptr || !row->value) return {};
  return {static_cast<std::uint64_t>(std::llround(*row->value * static_cast<double>(row->count))), row->count, endless->told};
}

// Whether the statistic, taken over all of them, falls on one that did not end.
bool is_unbounded(const Threshold& threshold, const Failures& failures) {
  if (failures.failed == 0) return false;
  switch (threshold.statistic) {
    case Statistic::kMin:
      return failures.ended() == 0;
    case Statistic::kMedian:
      return failures.rank(50) > failures.ended();
    case Statistic::kPercentile:
      return failures.rank(threshold.percentile) > failures.ended();
    default:
      return true;
  }
}

// The same rank, counted among those that ended only: the others stand above all of them.
Threshold among_ended(Threshold threshold, const Failures& failures) {
  if (threshold.statistic == Statistic::kMedian) {
    threshold.statistic = Statistic::kPercentile;
    threshold.percentile = 50;
  }
  if (threshold.statistic == Statistic::kPercentile)
    threshold.percentile = 100 * static_cast<double>(failures.rank(threshold.percentile)) / static_cast<double>(failures.ended());
  return threshold;
}

bool wants_small(Comparison comparison) {
  return comparison == Comparison::kLess || comparison == Comparison::kLessEqual || comparison == Comparison::kEqual;
}

GateRow judge_unbounded(GateRow row, const Threshold& threshold, const Failures& failures) {
  row.verdict = wants_small(threshold.comparison) ? "failed" : "passed";
  row.reason = fmt::format(fmt::runtime(failures.told), failures.failed, failures.all);
  return row;
}

std::string no_data_reason(const Gate& gate) {
  if (gate.metric == "interruption_duration")
    return "no session was interrupted; to gate on that, use interruption_count or rebuffer_ratio";
  if (is_drill_metric(gate.metric)) return "no session showed a symptom of a drill that was injected";
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
  const Failures failures = failures_of(gate, kpis);
  if (is_unbounded(threshold, failures)) return judge_unbounded(std::move(row), threshold, failures);
  const KpiRow* kpi = find_kpi(kpis, gate.metric, gate.tags);
  if (kpi != nullptr) row.observed = observed_in(*kpi, failures.failed > 0 ? among_ended(threshold, failures) : threshold);
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
