#include "harness/replay/session_metrics.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace harness {
namespace {

// A cached answer moves nothing, but its segment does become the buffered one.
std::map<int, int> last_rungs(const SessionRecord& session) {
  std::map<int, std::pair<base::Duration, int>> last;
  for (const RequestRecord& each : session.requests) {
    if (each.kind != RequestKind::kVideo || !is_complete(each)) continue;
    auto& entry = last.try_emplace(*each.segment, *each.ended, *each.rung).first->second;
    if (*each.ended >= entry.first) entry = {*each.ended, *each.rung};
  }
  std::map<int, int> rungs;
  for (const auto& [segment, entry] : last) rungs[segment] = entry.second;
  return rungs;
}

std::map<int, base::Duration> first_starts(const SessionRecord& session, RequestKind kind) {
  std::map<int, base::Duration> starts;
  for (const RequestRecord& each : session.requests)
    if (each.kind == kind && each.segment) starts.try_emplace(*each.segment, each.started);
  return starts;
}

double declared_kbps(const ContentTable& content, int rung) {
  return content.video.at(static_cast<std::size_t>(rung)).track.declared.kbps();
}

void add_requests(SessionMetrics& metrics, const SessionRecord& session, const ContentTable& content) {
  std::optional<int> rung;
  double sum = 0;
  for (const RequestRecord& each : session.requests) {
    if (each.kind != RequestKind::kVideo || each.cached) continue;
    metrics.switches += int{rung && *rung != *each.rung};
    metrics.aborted += int{each.aborted};
    rung = each.rung;
    if (!is_complete(each)) continue;
    ++metrics.video_segments;
    sum += declared_kbps(content, *each.rung);
  }
  if (metrics.video_segments > 0) metrics.requested_kbps = sum / metrics.video_segments;
}

void add_buffered(SessionMetrics& metrics, const SessionRecord& session, const ContentTable& content) {
  const auto rungs = last_rungs(session);
  double sum = 0;
  for (const auto& [segment, rung] : rungs) sum += declared_kbps(content, rung);
  if (!rungs.empty()) metrics.buffered_kbps = sum / static_cast<double>(rungs.size());
}

void add_stalls(SessionMetrics& metrics, const SessionRecord& session) {
  metrics.stalls = static_cast<int>(session.stalls.size());
  for (const StallRecord& stall : session.stalls) metrics.stalled += stall.lasted;
  const base::Duration since_start = session.startup ? session.length - *session.startup : base::Duration{};
  metrics.stall_ratio = since_start.count() > 0 ? base::to_seconds(metrics.stalled) / base::to_seconds(since_start) : 1;
}

base::Duration median_of(std::vector<base::Duration> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

StartErrors start_errors(const SessionRecord& a, const SessionRecord& b, RequestKind kind) {
  const auto starts_a = first_starts(a, kind), starts_b = first_starts(b, kind);
  std::vector<base::Duration> errors, absolute;
  double squares = 0;
  for (const auto& [segment, started] : starts_a) {
    const auto other = starts_b.find(segment);
    if (other == starts_b.end()) continue;
    errors.push_back(other->second - started);
    absolute.push_back(std::chrono::abs(errors.back()));
    squares += base::to_seconds(errors.back()) * base::to_seconds(errors.back());
  }
  StartErrors out{.compared = static_cast<int>(errors.size())};
  if (!errors.empty()) out.rmse = base::from_seconds(std::sqrt(squares / static_cast<double>(errors.size())));
  out.median = median_of(std::move(errors));
  out.median_absolute = median_of(std::move(absolute));
  return out;
}

// Up to the last segment that both have; what only one has is no agreement.
void count_agreement(const std::map<int, int>& a, const std::map<int, int>& b, SessionAgreement& out) {
  if (a.empty() || b.empty()) return;
  const int last = std::min(a.rbegin()->first, b.rbegin()->first);
  std::set<int> segments;
  for (const auto* rungs : {&a, &b})
    for (const auto& [segment, rung] : *rungs)
      if (segment <= last) segments.insert(segment);
  int same = 0;
  for (const int segment : segments) {
    const auto in_a = a.find(segment), in_b = b.find(segment);
    same += int{in_a != a.end() && in_b != b.end() && in_a->second == in_b->second};
  }
  out.compared_segments = static_cast<int>(segments.size());
  if (!segments.empty()) out.same_rung = static_cast<double>(same) / out.compared_segments;
}

}  // namespace

SessionMetrics metrics_of(const SessionRecord& session, const ContentTable& content) {
  SessionMetrics metrics{.startup = session.startup, .connections = session.connections};
  add_requests(metrics, session, content);
  add_buffered(metrics, session, content);
  add_stalls(metrics, session);
  return metrics;
}

SessionAgreement agreement_of(const SessionRecord& a, const SessionRecord& b) {
  SessionAgreement out;
  count_agreement(last_rungs(a), last_rungs(b), out);
  out.video = start_errors(a, b, RequestKind::kVideo);
  out.audio = start_errors(a, b, RequestKind::kAudio);
  return out;
}

}  // namespace harness
