#include "tests/fidelity/player/recorded_session.h"

#include "harness/scenario/catalogue.h"

namespace fidelity {
namespace {

using namespace std::chrono_literals;

constexpr base::ViewerId kViewer{0};
constexpr base::Duration kSampleEvery = 500ms;

}  // namespace

RecordedSession::RecordedSession(const Options& options) : options_{options}, network_{io_, timeline_, {}} {
  harness::PlayerConfig config;
  config.device = harness::built_in_device("--device", options.device);
  config.manifest_url = options.url;
  config.content = harness::ContentKind::kVod;
  config.wall = timeline_.wall_anchor();
  viewer_.emplace(kViewer, std::move(config), timeline_, transport_, static_cast<harness::ViewerObserver&>(*this));
}

void RecordedSession::play() {
  began_ = timeline_.refresh();
  end_ = timeline_.call_at(began_ + options_.length, [this] { viewer_->stop(); });
  next_sample_ = timeline_.call_at(began_ + kSampleEvery, [this] { sample(); });
  viewer_->begin();
  io_.run();
}

void RecordedSession::sample() {
  const base::Instant now = timeline_.now();
  samples_.push_back({now, viewer_->status().buffer, viewer_->totals().played});
  next_sample_ = timeline_.call_at(now + kSampleEvery, [this] { sample(); });
}

void RecordedSession::on_note(base::ViewerId, base::Instant at, const harness::Telemetry& what) {
  if (const auto* startup = std::get_if<harness::StartupDone>(&what)) startup_ = startup->startup_time;
  if (std::holds_alternative<harness::StallBegan>(what)) stalls_.push_back({.began = at});
  if (const auto* stall = std::get_if<harness::StallEnded>(&what); stall != nullptr && !stalls_.empty())
    stalls_.back().lasted = stall->lasted;
  if (const auto* trouble = std::get_if<harness::Trouble>(&what)) errors_.push_back(trouble->what);
}

void RecordedSession::on_finish(base::ViewerId, base::Instant at, const harness::Finish& how) {
  if (how.ending == harness::Ending::kFailed) errors_.push_back(how.reason);
  ended_ = at;
  played_ = viewer_->totals().played;
  end_.cancel();
  next_sample_.cancel();
  io_.stop();
}

base::Json RecordedSession::requests() const {
  base::Json out = base::Json::array();
  for (const RecordedRequest& request : transport_.requests()) {
    base::Json row{{"url", request.url}, {"t_start", since_start(request.started)}};
    if (request.first_byte) row["t_first_byte"] = since_start(*request.first_byte);
    // What runs when the session ends is aborted by its end, as in a page that is closed: no end is recorded.
    if (request.ended && *request.ended < ended_) row["t_end"] = since_start(*request.ended);
    row["bytes"] = request.bytes.count();
    if (request.cached) row["cached"] = true;
    if (request.aborted && row.contains("t_end")) row["aborted"] = true;
    if (request.status != 0 && request.status != 200) row["status"] = request.status;
    if (!request.failure.empty()) row["state"] = "failed:" + request.failure;
    out.push_back(std::move(row));
  }
  return out;
}

base::Json RecordedSession::stalls() const {
  base::Json out = base::Json::array();
  for (const Stall& stall : stalls_)
    out.push_back({{"t", since_start(stall.began)}, {"duration", base::to_milliseconds(stall.lasted.value_or(ended_ - stall.began))}});
  return out;
}

base::Json RecordedSession::samples() const {
  base::Json out = base::Json::array();
  for (const Sample& one : samples_) out.push_back({since_start(one.at), base::to_seconds(one.buffer), base::to_seconds(one.played)});
  return out;
}

base::Json RecordedSession::recording() const {
  base::Json out{{"schema", 1}, {"device", options_.device}, {"url", options_.url}, {"session_s", base::to_seconds(options_.length)}};
  out["startup_ms"] = startup_ ? base::Json(base::to_milliseconds(*startup_)) : base::Json();
  out["played_s"] = base::to_seconds(played_);
  out["t0_monotonic_ms"] = base::to_milliseconds(began_.time_since_epoch());
  out["end_ms"] = since_start(ended_);
  out["player_errors"] = errors_;
  out["wakeup_lateness_p99_ms"] = lateness_.quantile(0.99) * 1e3;
  out["stalls"] = stalls();
  out["requests"] = requests();
  out["buffer"] = samples();
  out["columns"] = {{"buffer", {"t", "playable_s", "played_s"}}};
  return out;
}

}  // namespace fidelity
