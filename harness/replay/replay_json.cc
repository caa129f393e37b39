#include "harness/replay/replay_json.h"

#include <cmath>

#include "harness/replay/request_table.h"

namespace harness {
namespace {

using base::Json;

// Three decimals: microseconds of times in ms, and no digits that mean nothing.
double rounded(double value) { return std::round(value * 1000) / 1000; }
Json ms(base::Duration time) { return rounded(base::to_milliseconds(time)); }
Json ms(const std::optional<base::Duration>& time) { return time ? ms(*time) : Json{}; }
Json number(const std::optional<double>& value) { return value ? Json(rounded(*value)) : Json{}; }
Json number(const std::optional<int>& value) { return value ? Json(*value) : Json{}; }

Json metrics_json(const SessionMetrics& metrics) {
  return {{"startup_ms", ms(metrics.startup)},
          {"stalls", metrics.stalls},
          {"stalled_ms", ms(metrics.stalled)},
          {"stall_ratio_percent", rounded(100 * metrics.stall_ratio)},
          {"requested_kbps", rounded(metrics.requested_kbps)},
          {"buffered_kbps", rounded(metrics.buffered_kbps)},
          {"video_segments", metrics.video_segments},
          {"switches", metrics.switches},
          {"aborted_video", metrics.aborted},
          {"connections", number(metrics.connections)}};
}

Json starts_json(const StartErrors& errors) {
  return {{"compared", errors.compared},
          {"rmse_ms", ms(errors.rmse)},
          {"median_ms", ms(errors.median)},
          {"median_distance_ms", ms(errors.median_absolute)}};
}

Json verdicts_json(std::span<const Verdict> verdicts) {
  Json out = Json::array();
  for (const Verdict& each : verdicts)
    out.push_back({{"figure", each.form.key},
                   {"real", number(each.real)},
                   {"emulated", number(each.emulated)},
                   {"difference", number(each.difference)},
                   {"distance", rounded(each.distance)},
                   {"real_spread", number(each.spread)},
                   {"limit", rounded(each.limit)},
                   {"met", each.met}});
  return out;
}

Json request_json(const RequestRecord* request) {
  if (request == nullptr) return {};
  Json out{{"rung", number(request->rung)}, {"t_start", ms(request->started)}, {"t_first_byte", ms(request->first_byte)},
           {"t_end", ms(request->ended)},   {"bytes", request->bytes.count()}, {"aborted", request->aborted},
           {"failed", request->failed},     {"cached", request->cached}};
  out["video_ahead_ms"] = request->ahead ? ms(request->ahead->video) : Json{};
  out["audio_ahead_ms"] = request->ahead ? ms(request->ahead->audio) : Json{};
  return out;
}

Json requests_json(const ReplayRun& one) {
  Json out = Json::array();
  for (const RequestPair& pair : paired_requests(one.recording->session, one.emulated)) {
    const RequestRecord& any = pair.real != nullptr ? *pair.real : *pair.emulated;
    out.push_back({{"kind", to_text(any.kind)},
                   {"segment", number(any.segment)},
                   {"real", request_json(pair.real)},
                   {"emulated", request_json(pair.emulated)}});
  }
  return out;
}

Json comparison_json(const ReplayRun& one, bool with_requests) {
  const ReplayRun* const run = &one;
  Json out{{"file", one.recording->file},
           {"player", one.recording->player},
           {"version", one.recording->version},
           {"trace", one.recording->trace},
           {"live", one.recording->live},
           {"device", one.device.name},
           {"session_ms", ms(one.recording->session.length)},
           {"real", metrics_json(one.real_metrics)},
           {"emulated", metrics_json(one.emulated_metrics)},
           {"failure", one.emulated.failure ? Json(*one.emulated.failure) : Json{}},
           {"compared_segments", one.agreement.compared_segments},
           {"video_starts", starts_json(one.agreement.video)},
           {"audio_starts", starts_json(one.agreement.audio)},
           {"targets", verdicts_json(judge(std::span{&run, 1}))}};
  if (with_requests) out["requests"] = requests_json(one);
  return out;
}

Json starts_json(const StartSummary& starts) {
  return {{"video_rmse_ms", ms(starts.video_rmse)},
          {"video_median_distance_ms", ms(starts.video_median)},
          {"audio_rmse_ms", ms(starts.audio_rmse)},
          {"audio_median_distance_ms", ms(starts.audio_median)}};
}

Json group_json(const ReplayGroup& group) {
  const ReplayRun& first = *group.runs.front();
  std::vector<SessionAgreement> agreements;
  Json files = Json::array();
  for (const ReplayRun* run : group.runs) {
    agreements.push_back(run->agreement);
    files.push_back(run->recording->file);
  }
  const auto among = agreements_among(group.runs);
  return {{"player", first.recording->player},
          {"version", first.recording->version},
          {"trace", first.recording->trace},
          {"live", first.recording->live},
          {"device", first.device.name},
          {"files", files},
          {"targets", verdicts_json(group.verdicts)},
          {"met", all_met(group.verdicts)},
          {"request_starts", starts_json(start_summary(agreements))},
          {"real_request_starts", among.empty() ? Json{} : starts_json(start_summary(among))}};
}

}  // namespace

Json replay_json(const std::deque<ReplayRun>& comparisons, std::span<const ReplayGroup> groups, const ReplayOptions& options) {
  Json out{{"schema", "rehearsal/replay/1"},
           {"tcp", options.tcp == TcpModel::kPacket ? "packet" : "fluid"},
           {"congestion_control", word_of(options.congestion_control)}};
  out["recordings"] = Json::array();
  for (const ReplayRun& each : comparisons) out["recordings"].push_back(comparison_json(each, options.requests));
  out["groups"] = Json::array();
  for (const ReplayGroup& each : groups) out["groups"].push_back(group_json(each));
  return out;
}

}  // namespace harness
