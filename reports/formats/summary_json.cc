#include <algorithm>
#include <cmath>

#include "base/json_reader.h"
#include "reports/formats/formats.h"
#include "reports/formats/words/breaks.h"
#include "reports/formats/words/links.h"

namespace reports {
namespace {

using base::Json;

// Absent and non-finite figures have no key: a reader never meets null.
void put(Json& object, const char* key, std::optional<double> value) {
  if (value && std::isfinite(*value)) object[key] = *value;
}
void put_text(Json& object, const char* key, const std::string& text) {
  if (!text.empty()) object[key] = text;
}

Json tags_json(const Tags& tags) {
  Json object = Json::object();
  for (const auto& [name, value] : tags) object[name] = value;
  return object;
}

Json sessions_json(const RunRow& run) {
  return {{"planned", run.sessions_planned},
          {"started", run.sessions_started},
          {"failed", run.sessions_failed},
          {"peak_concurrent", run.peak_concurrent}};
}

Json kpi_json(const KpiRow& kpi) {
  Json object{{"metric", kpi.metric}, {"tags", tags_json(kpi.tags)}, {"unit", kpi.unit}, {"count", kpi.count}};
  put(object, "value", kpi.value);
  if (kpi.ci_low && kpi.ci_high) object["ci95"] = Json::array({*kpi.ci_low, *kpi.ci_high});
  put(object, "mean", kpi.mean);
  put(object, "p50", kpi.p50);
  put(object, "p95", kpi.p95);
  put(object, "p99", kpi.p99);
  put(object, "max", kpi.max);
  return object;
}

Json gate_json(const GateRow& gate) {
  Json object{{"metric", gate.metric}, {"tags", tags_json(gate.tags)}, {"threshold", gate.threshold}};
  put(object, "observed", gate.observed);
  object["verdict"] = gate.verdict;
  put_text(object, "reason", gate.reason);
  return object;
}

// Seconds from the injection to each affected session's recovery.
Json recovery_json(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  const auto rank = [&](double q) { return times[static_cast<std::size_t>(std::ceil(q * static_cast<double>(times.size()))) - 1]; };
  return {{"sessions", times.size()}, {"p50", rank(0.5)}, {"p95", rank(0.95)}, {"max", times.back()}};
}

Json drill_json(const DrillRow& drill) {
  Json object{{"name", drill.name}, {"inject", drill.inject}};
  put(object, "injected_at", drill.injected_at);
  put(object, "first_symptom_at", drill.first_symptom_at);
  put(object, "detected_at", drill.detected_at);
  put(object, "mitigated_at", drill.mitigated_at);
  put(object, "recovered_at", drill.recovered_at);
  object["sessions_targeted"] = drill.sessions_targeted;
  object["sessions_affected"] = drill.sessions_affected;
  object["sessions_recovered"] = drill.sessions_recovered;
  if (!drill.recovery_times.empty()) object["recovery"] = recovery_json(drill.recovery_times);
  put(object, "noticed_at", drill.noticed_at);
  put_text(object, "noticed", drill.noticed);
  put_text(object, "switched_to", drill.switched_to);
  put(object, "gap_ms", drill.gap_ms);
  put(object, "switches", drill.switches);
  if (drill.frames_delivered)
    object["frames"] = {{"delivered", *drill.frames_delivered}, {"missing", *drill.frames_missing}, {"repeated", *drill.frames_repeated}};
  put_text(object, "note", drill.note);
  return object;
}

Json configured_json(const LinkRow& link) {
  Json object{{"down", link.down}, {"up", link.up}};
  put(object, "rtt_ms", link.configured_rtt_ms);
  put(object, "loss_down", link.configured_loss_down);
  put(object, "loss_up", link.configured_loss_up);
  put(object, "rate_down", link.configured_rate_down);
  return object;
}

void put_packets(Json& object, const LinkRow& link) {
  object["packets_down"] = link.packets_down;
  object["packets_up"] = link.packets_up;
  object["lost_down"] = link.lost_down;
  object["lost_up"] = link.lost_up;
  object["overflowed_down"] = link.overflowed_down;
  object["overflowed_up"] = link.overflowed_up;
}

Json measured_json(const LinkRow& link) {
  Json object = Json::object();
  put(object, "rtt_handshake_ms", link.rtt_handshake_ms);
  put(object, "rtt_ms", link.rtt_ms);
  if (link.connections > 0) object["connections"] = link.connections;
  if (has_packets(link)) put_packets(object, link);
  put(object, "goodput", link.goodput);
  put(object, "capacity", link.capacity);
  put(object, "loading_seconds", link.loading_seconds);
  return object;
}

Json link_json(const LinkRow& link) {
  Json object{{"cohort", link.cohort},
              {"network", link.network},
              {"backend", link.backend},
              {"sessions", link.sessions},
              {"configured", configured_json(link)}};
  if (is_measured(link)) object["measured"] = measured_json(link);
  return object;
}

Json cache_json(const DeliveryRow& server) {
  return {{"hits", server.hits},
          {"misses", server.misses},
          {"coalesced", server.coalesced},
          {"stale", server.stale},
          {"stale_on_error", server.stale_on_error},
          {"passed", server.passed},
          {"evictions", server.evictions},
          {"held", server.held},
          {"upstream_requests", server.upstream_requests},
          {"upstream_revalidated", server.upstream_revalidated},
          {"upstream_bytes", server.upstream_bytes}};
}

// What the busiest moment asked of a server, and its limit.
void put_load(Json& object, const char* name, std::optional<double> peak, std::optional<double> limit) {
  if (!peak) return;
  object[name] = Json{{"peak", *peak}};
  put(object[name], "limit", limit);
}

Json delivery_json(const DeliveryRow& server) {
  Json object{{"server", server.server}, {"role", server.role}};
  put_text(object, "region", server.region);
  object["requests"] = server.requests;
  object["refused"] = server.refused;
  object["bytes"] = server.bytes;
  object["longest_wait"] = server.longest_wait;
  if (server.role == "edge" || server.role == "shield") object["cache"] = cache_json(server);
  put_load(object, "requests_per_s", server.peak_requests, server.requests_limit);
  put_load(object, "egress", server.peak_egress, server.egress_limit);
  put_load(object, "connections", server.peak_connections, server.connections_limit);
  put_load(object, "renditions", server.renditions, server.renditions_limit);
  put_text(object, "first_limit", server.first_limit);
  put(object, "first_limit_at", server.first_limit_at);
  put(object, "first_limit_connections", server.first_limit_connections);
  return object;
}

Json break_json(const Break& each) {
  Json object{{"server", each.server}, {"group", each.group}, {"servers", each.servers}, {"met", each.met}, {"limit", each.limit}};
  put(object, "at", each.at);
  put(object, "last_at", each.last_at);
  if (each.active) object["active"] = *each.active;
  put(object, "viewers", each.viewers);
  put(object, "most_viewers", each.most_viewers);
  put(object, "capacity", each.capacity);
  put(object, "peak", each.peak);
  put(object, "longest_wait", each.longest_wait);
  put(object, "needed", each.needed);
  object["words"] = in_words(each);
  return object;
}

// What a real run measured of its own machine. Virtual time is never late, and its processor use would differ between equal runs.
void put_measured(Json& object, const HarnessRow& harness) {
  put(object, "start_lateness_p50_ms", harness.start_lateness_p50_ms);
  put(object, "start_lateness_p99_ms", harness.start_lateness_p99_ms);
  put(object, "loop_lag_p99_ms", harness.loop_lag_p99_ms);
  put(object, "cpu_cores", harness.cpu_cores);
  put(object, "server_cpu_cores", harness.server_cpu_cores);
  put(object, "rss_per_player_kb", harness.rss_per_player_kb);
  put(object, "link_lateness_p50_ms", harness.link_lateness_p50_ms);
  put(object, "link_lateness_p99_ms", harness.link_lateness_p99_ms);
}

Json harness_json(const RunRow& run) {
  Json object = Json::object();
  if (run.world == "real") put_measured(object, run.harness);
  object["saturated"] = run.harness.saturated;
  put_text(object, "saturation_reason", run.harness.saturation_reason);
  object["network_backend"] = run.harness.network_backend;
  return object;
}

template <class R>
Json array_of(const std::vector<R>& rows, Json (*element)(const R&)) {
  Json array = Json::array();
  for (const R& row : rows) array.push_back(element(row));
  return array;
}

Json summary(const StoredRun& stored) {
  const RunRow& run = stored.run;
  Json json{
      {"schema", "rehearsal/summary/1"}, {"scenario", run.scenario}, {"case", run.run_case}, {"seed", run.seed}, {"world", run.world}};
  put_text(json, "version", run.version);
  if (run.world == "real") put_text(json, "started_at", run.started_at_utc);
  put(json, "duration", run.duration);
  json["verdict"] = run.verdict;
  json["outcome"] = run.outcome;
  put_text(json, "outcome_reason", run.outcome_reason);
  json["sessions"] = sessions_json(run);
  json["kpis"] = array_of(stored.kpis, kpi_json);
  json["gates"] = array_of(stored.gates, gate_json);
  json["drills"] = array_of(stored.drills, drill_json);
  json["links"] = array_of(stored.links, link_json);
  if (!stored.delivery.empty())
    json["delivery"] = array_of(stored.delivery, delivery_json), json["breaks"] = array_of(breaks(stored), break_json);
  json["harness"] = harness_json(run);
  json["notes"] = run.notes;
  return json;
}

std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// One line per key, and one per element of a list, so that two summaries differ line by line.
std::string lines(const Json& object) {
  std::string text = "{";
  const char* separator = "\n";
  for (const auto& [key, value] : object.items()) {
    text += separator + std::string{"  "} + dumped(key) + ": ";
    separator = ",\n";
    if (!value.is_array() || value.empty()) {
      text += dumped(value);
      continue;
    }
    const char* comma = "[\n    ";
    for (const Json& element : value) text += comma + dumped(element), comma = ",\n    ";
    text += "\n  ]";
  }
  return text + "\n}\n";
}

}  // namespace

std::string summary_json(const StoredRun& run) { return lines(summary(run)); }

}  // namespace reports
