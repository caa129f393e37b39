#include "harness/kpi/kpi_fold.h"

#include <algorithm>
#include <cmath>

#include "base/ensure.h"
#include "harness/kpi/metrics.h"

namespace harness {
namespace {

using reports::KpiRow;
using reports::SessionRow;
using reports::Tags;

// The single-tag groups that a session belongs to, besides the group of all.
std::vector<Tags> tags_of(const SessionRow& session) {
  const std::array<const std::string*, kSessionTags.size()> values{&session.device, &session.network, &session.region, &session.path,
                                                                   &session.cohort};
  std::vector<Tags> tags;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!values[i]->empty()) tags.push_back({{std::string{kSessionTags[i]}, *values[i]}});
  return tags;
}

const char* to_text(MetricKind kind) {
  switch (kind) {
    case MetricKind::kTrend:
      return "trend";
    case MetricKind::kRate:
      return "rate";
    case MetricKind::kRatio:
      return "ratio";
    case MetricKind::kCounter:
      return "counter";
  }
  ENSURE(false);
}

// A quantile in the metric's unit: counts are whole, so rounding takes the bucket's width out of them.
double quantile_of(const base::Histogram& samples, double q, std::string_view unit) {
  const double value = samples.quantile(q);
  return unit == "count" ? std::round(value) : value;
}

void fill_trend(KpiRow& row, const base::Histogram& samples) {
  row.count = samples.count();
  if (row.count == 0) return;
  row.mean = samples.mean();
  row.min = samples.min();
  row.p50 = quantile_of(samples, 0.50, row.unit);
  row.p90 = quantile_of(samples, 0.90, row.unit);
  row.p95 = quantile_of(samples, 0.95, row.unit);
  row.p99 = quantile_of(samples, 0.99, row.unit);
  row.max = samples.max();
  for (const auto& bucket : samples.buckets()) row.histogram.emplace_back(bucket.upper, bucket.count);
}

void fill_rate(KpiRow& row, std::uint64_t part, std::uint64_t whole) {
  row.count = whole;
  if (whole == 0) return;
  row.value = static_cast<double>(part) / static_cast<double>(whole);
  const auto [low, high] = wilson_interval(part, whole);
  row.ci_low = low;
  row.ci_high = high;
}

void fill_ratio(KpiRow& row, double part, double whole, std::uint64_t sessions) {
  if (whole <= 0) return;
  row.count = sessions;
  row.value = part / whole;
}

}  // namespace

KpiFold::KpiFold() { groups_[{}]; }

void KpiFold::run_stopped_at(double at) { run_end_ = at; }

void KpiFold::add(const SessionRow& session) {
  add_to(groups_[{}], session);
  for (const Tags& tags : tags_of(session)) add_to(groups_[tags], session);
}

void KpiFold::add_without_start(Group& group, const SessionRow& session) const {
  if (session.ending == "failed") {
    ++group.failed_before;
    return;
  }
  const bool cut_short = session.ending == "stopped" && run_end_ && *run_end_ - session.planned_at < kFairWait;
  if (!cut_short) ++group.left_before;
}

void KpiFold::add_to(Group& group, const SessionRow& session) const {
  ++group.asked;
  if (!session.startup_time) return add_without_start(group, session);
  ++group.started;
  if (session.ending == "failed") ++group.failed_after;
  group.stalled += session.stalled;
  group.watched += session.played + session.stalled;
  group.trends["startup_time"].add(*session.startup_time);
  if (session.played + session.stalled > 0)
    group.trends["session_rebuffer_ratio"].add(session.stalled / (session.played + session.stalled));
  for (const double stall : session.stall_durations) group.trends["interruption_duration"].add(stall);
  for (const double seek : session.seek_latencies) group.trends["seek_latency"].add(seek);
  group.trends["interruption_count"].add(session.stalls);
  if (session.bitrate > 0) group.trends["bitrate"].add(session.bitrate);
  group.trends["rendition_switches"].add(session.switches);
  if (session.live_latency) group.trends["live_latency"].add(*session.live_latency);
}

void KpiFold::add(const reports::DrillRow& drill) {
  ENSURE(drill.sessions_recovered <= drill.sessions_affected);
  for (const Tags& tags : {Tags{}, Tags{{"drill", drill.name}}}) {
    Group& group = groups_[tags];
    group.affected += drill.sessions_affected;
    group.unrecovered += drill.sessions_affected - drill.sessions_recovered;
    for (const double seconds : drill.recovery_times) group.trends["recovery_time"].add(seconds);
    if (drill.sessions_affected > 0) ++group.felt;
    if (drill.sessions_affected > 0 && !drill.detected_at) ++group.undetected;
    if (drill.detected_at) group.trends["time_to_detect"].add(*drill.detected_at - *drill.injected_at);
  }
}

void KpiFold::merge(const KpiFold& other) {
  for (const auto& [tags, from] : other.groups_) {
    Group& into = groups_[tags];
    into.asked += from.asked;
    into.started += from.started;
    into.failed_before += from.failed_before;
    into.left_before += from.left_before;
    into.failed_after += from.failed_after;
    into.affected += from.affected;
    into.unrecovered += from.unrecovered;
    into.felt += from.felt;
    into.undetected += from.undetected;
    into.stalled += from.stalled;
    into.watched += from.watched;
    for (const auto& [name, samples] : from.trends) into.trends[name].merge(samples);
  }
}

KpiFold::Share KpiFold::share_of(std::string_view rate, const Group& group) {
  const std::uint64_t judged = group.started + group.failed_before + group.left_before;
  if (rate == "startup_success") return {group.started, judged};
  if (rate == "video_start_failures") return {group.failed_before, judged};
  if (rate == "exits_before_start") return {group.left_before, judged};
  if (rate == "playback_failures") return {group.failed_after, group.started};
  if (rate == "recovery_failures") return {group.unrecovered, group.affected};
  ENSURE(rate == "detection_failures");
  return {group.undetected, group.felt};
}

KpiRow KpiFold::row_of(const Metric& metric, const Tags& tags, const Group& group) {
  KpiRow row{.metric = std::string{metric.name}, .kind = to_text(metric.kind), .unit = std::string{metric.unit}, .tags = tags};
  row.definition = metric.definition;
  switch (metric.kind) {
    case MetricKind::kTrend: {
      const auto samples = group.trends.find(metric.name);
      if (samples != group.trends.end()) fill_trend(row, samples->second);
      break;
    }
    case MetricKind::kRate: {
      const auto [part, whole] = share_of(metric.name, group);
      fill_rate(row, part, whole);
      break;
    }
    case MetricKind::kRatio:
      fill_ratio(row, group.stalled, group.watched, group.started);
      break;
    case MetricKind::kCounter:
      row.count = group.asked;
      row.value = static_cast<double>(group.asked);
      break;
  }
  return row;
}

std::vector<KpiRow> KpiFold::close() const {
  std::vector<KpiRow> rows;
  for (const Metric& metric : kMetrics) {
    for (const auto& [tags, group] : groups_) {
      KpiRow row = row_of(metric, tags, group);
      if (row.count > 0 || (tags.empty() && !is_optional(metric.name))) rows.push_back(std::move(row));
    }
  }
  return rows;
}

// Wilson 1927; the centre is pulled towards 1/2 and the interval never leaves [0, 1].
std::pair<double, double> wilson_interval(std::uint64_t successes, std::uint64_t n) {
  ENSURE(successes <= n);
  if (n == 0) return {0, 1};
  constexpr double z = 1.959964;
  const auto total = static_cast<double>(n);
  const double share = static_cast<double>(successes) / total;
  const double shrink = 1 + z * z / total;
  const double centre = (share + z * z / (2 * total)) / shrink;
  const double half = z / shrink * std::sqrt(share * (1 - share) / total + z * z / (4 * total * total));
  return {successes == 0 ? 0 : std::max(0.0, centre - half), successes == n ? 1 : std::min(1.0, centre + half)};
}

}  // namespace harness
