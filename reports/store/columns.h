// The columns of every table of run.db, stated once: the schema, the writer and the reader are all made from these lists. A new
// field is one line here; a change to them is a new kSchemaVersion. As long as columns are only added, older stores can be read.
#pragma once

#include <concepts>
#include <string_view>
#include <type_traits>

#include "reports/store/run_store.h"

namespace reports {

// 2: the table links, link_lateness_*_ms of the run. 3: seeking, paused, seek_latencies, viewer, channel of sessions; paused of series.
// 4: cached of requests, the table device_series, downlink of series. 5: the table delivery. 6: first_limit_connections of
// delivery. 7: from switched_to to frames_repeated of drills. 8: noticed_at, noticed of drills.
inline constexpr int kSchemaVersion = 8;
inline constexpr int kOldestSchema = 1;            // still read: what came later is absent
inline constexpr int kApplicationId = 0x52485331;  // "RHS1" in the file's header, so that another program's database is told apart

struct Table {
  std::string_view name;
  std::string_view key;    // columns that identify a row; a later row replaces an earlier one. Empty: every row is kept
  std::string_view order;  // how rows are read back
};

template <class R>
inline constexpr Table kTable{};
template <>
inline constexpr Table kTable<RunRow>{"run", "one", "one"};
template <>
inline constexpr Table kTable<SessionRow>{"sessions", "id", "id"};
template <>
inline constexpr Table kTable<EventRow>{"events", "", "rowid"};
template <>
inline constexpr Table kTable<RequestRow>{"requests", "", "rowid"};
template <>
inline constexpr Table kTable<SeriesRow>{"series", "", "rowid"};
template <>
inline constexpr Table kTable<DeviceSeriesRow>{"device_series", "", "rowid"};
template <>
inline constexpr Table kTable<TimelineRow>{"timeline", "", "rowid"};
template <>
inline constexpr Table kTable<DrillRow>{"drills", "name", "rowid"};
template <>
inline constexpr Table kTable<KpiRow>{"kpis", "metric, tags", "rowid"};
template <>
inline constexpr Table kTable<GateRow>{"gates", "metric, tags, threshold", "rowid"};

template <>
inline constexpr Table kTable<LinkRow>{"links", "cohort", "rowid"};
template <>
inline constexpr Table kTable<DeliveryRow>{"delivery", "role, server", "rowid"};

template <class T, class R>
concept Of = std::same_as<std::remove_const_t<T>, R>;

// Calls f(name, field) for each column in order; R may be const.
void each_column(Of<SessionRow> auto& r, auto&& f) {
  f("id", r.id), f("cohort", r.cohort), f("device", r.device), f("network", r.network), f("region", r.region), f("path", r.path);
  f("planned_at", r.planned_at), f("began_at", r.began_at), f("startup_time", r.startup_time);
  f("played", r.played), f("stalled", r.stalled), f("stalls", r.stalls), f("switches", r.switches);
  f("requests", r.requests), f("failed_requests", r.failed_requests), f("token_refreshes", r.token_refreshes);
  f("bytes", r.bytes), f("bitrate", r.bitrate), f("live_latency", r.live_latency);
  f("ending", r.ending), f("failure", r.failure), f("stall_durations", r.stall_durations);
  f("seeking", r.seeking), f("paused", r.paused), f("seek_latencies", r.seek_latencies), f("viewer", r.viewer), f("channel", r.channel);
}
void each_column(Of<EventRow> auto& r, auto&& f) {
  f("at", r.at), f("session", r.session), f("kind", r.kind), f("value", r.value), f("detail", r.detail);
}
void each_column(Of<RequestRow> auto& r, auto&& f) {
  f("at", r.at), f("session", r.session), f("kind", r.kind), f("url", r.url), f("failure", r.failure);
  f("rendition", r.rendition), f("status", r.status), f("bytes", r.bytes), f("ttfb", r.ttfb), f("took", r.took), f("cached", r.cached);
}
void each_column(Of<SeriesRow> auto& r, auto&& f) {
  f("at", r.at), f("active", r.active), f("starting", r.starting), f("playing", r.playing), f("stalled", r.stalled);
  f("errors", r.errors), f("bitrate", r.bitrate), f("bytes", r.bytes), f("renditions", r.renditions), f("paused", r.paused);
  f("downlink", r.downlink);
}
void each_column(Of<DeviceSeriesRow> auto& r, auto&& f) {
  f("at", r.at), f("device", r.device), f("active", r.active), f("starting", r.starting), f("playing", r.playing);
  f("stalled", r.stalled), f("paused", r.paused), f("bitrate", r.bitrate), f("buffer", r.buffer);
}
void each_column(Of<TimelineRow> auto& r, auto&& f) { f("at", r.at), f("kind", r.kind), f("name", r.name), f("what", r.what); }
void each_column(Of<DrillRow> auto& r, auto&& f) {
  f("name", r.name), f("inject", r.inject), f("injected_at", r.injected_at), f("first_symptom_at", r.first_symptom_at);
  f("detected_at", r.detected_at), f("mitigated_at", r.mitigated_at), f("recovered_at", r.recovered_at);
  f("sessions_targeted", r.sessions_targeted), f("sessions_affected", r.sessions_affected);
  f("sessions_recovered", r.sessions_recovered), f("recovery_times", r.recovery_times), f("note", r.note);
  f("switched_to", r.switched_to), f("gap_ms", r.gap_ms), f("switches", r.switches);
  f("frames_delivered", r.frames_delivered), f("frames_missing", r.frames_missing), f("frames_repeated", r.frames_repeated);
  f("noticed_at", r.noticed_at), f("noticed", r.noticed);
}
void each_column(Of<KpiRow> auto& r, auto&& f) {
  f("metric", r.metric), f("kind", r.kind), f("unit", r.unit), f("tags", r.tags), f("count", r.count), f("value", r.value);
  f("ci_low", r.ci_low), f("ci_high", r.ci_high), f("mean", r.mean), f("min", r.min), f("p50", r.p50), f("p90", r.p90);
  f("p95", r.p95), f("p99", r.p99), f("max", r.max), f("histogram", r.histogram), f("definition", r.definition);
}
void each_column(Of<GateRow> auto& r, auto&& f) {
  f("metric", r.metric), f("tags", r.tags), f("threshold", r.threshold), f("observed", r.observed), f("unit", r.unit);
  f("verdict", r.verdict), f("reason", r.reason);
}
void each_column(Of<LinkRow> auto& r, auto&& f) {
  f("cohort", r.cohort), f("network", r.network), f("backend", r.backend), f("sessions", r.sessions), f("down", r.down), f("up", r.up);
  f("configured_rtt_ms", r.configured_rtt_ms), f("configured_loss_down", r.configured_loss_down);
  f("configured_loss_up", r.configured_loss_up), f("configured_rate_down", r.configured_rate_down);
  f("rtt_handshake_ms", r.rtt_handshake_ms), f("rtt_ms", r.rtt_ms), f("connections", r.connections);
  f("packets_down", r.packets_down), f("packets_up", r.packets_up), f("lost_down", r.lost_down), f("lost_up", r.lost_up);
  f("overflowed_down", r.overflowed_down), f("overflowed_up", r.overflowed_up);
  f("goodput", r.goodput), f("capacity", r.capacity), f("loading_seconds", r.loading_seconds);
}
void each_column(Of<DeliveryRow> auto& r, auto&& f) {
  f("server", r.server), f("role", r.role), f("region", r.region), f("requests", r.requests), f("hits", r.hits), f("misses", r.misses);
  f("coalesced", r.coalesced), f("stale", r.stale), f("stale_on_error", r.stale_on_error), f("passed", r.passed);
  f("refused", r.refused), f("bytes", r.bytes), f("upstream_requests", r.upstream_requests);
  f("upstream_revalidated", r.upstream_revalidated), f("upstream_bytes", r.upstream_bytes), f("evictions", r.evictions);
  f("held", r.held), f("longest_wait", r.longest_wait), f("peak_requests", r.peak_requests), f("peak_egress", r.peak_egress);
  f("peak_connections", r.peak_connections), f("requests_limit", r.requests_limit), f("egress_limit", r.egress_limit);
  f("connections_limit", r.connections_limit), f("renditions", r.renditions), f("renditions_limit", r.renditions_limit);
  f("first_limit", r.first_limit), f("first_limit_at", r.first_limit_at), f("first_limit_connections", r.first_limit_connections);
  f("requests_each_second", r.requests_each_second), f("egress_each_second", r.egress_each_second);
}
void each_column(Of<HarnessRow> auto& r, auto&& f) {
  f("start_lateness_p50_ms", r.start_lateness_p50_ms), f("start_lateness_p99_ms", r.start_lateness_p99_ms);
  f("loop_lag_p99_ms", r.loop_lag_p99_ms), f("cpu_cores", r.cpu_cores), f("server_cpu_cores", r.server_cpu_cores);
  f("rss_per_player_kb", r.rss_per_player_kb), f("saturated", r.saturated), f("saturation_reason", r.saturation_reason);
  f("network_backend", r.network_backend);
  f("link_lateness_p50_ms", r.link_lateness_p50_ms), f("link_lateness_p99_ms", r.link_lateness_p99_ms);
}
void each_column(Of<RunRow> auto& r, auto&& f) {
  f("scenario", r.scenario), f("run_case", r.run_case), f("world", r.world), f("seed", r.seed), f("version", r.version);
  f("started_at_utc", r.started_at_utc), f("duration", r.duration), f("sessions_planned", r.sessions_planned);
  f("sessions_started", r.sessions_started), f("sessions_failed", r.sessions_failed), f("peak_concurrent", r.peak_concurrent);
  f("verdict", r.verdict), f("outcome", r.outcome), f("outcome_reason", r.outcome_reason), f("notes", r.notes);
  each_column(r.harness, f);
}

}  // namespace reports
