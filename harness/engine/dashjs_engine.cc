#include "harness/engine/dashjs_engine.h"

#include <algorithm>

#include "harness/engine/calibration.h"

namespace harness {
namespace {

using namespace std::chrono_literals;

constexpr DashJsPace kDashJsPace = dashjs_5_2_pace();
constexpr base::Duration kDashJsScheduleTimeout = 500ms;     // scheduling.defaultTimeout, Settings.js
constexpr base::Duration kDashJsTopQualityTarget = 30s;      // bufferTimeAtTopQuality
constexpr base::Duration kDashJsTopQualityLongTarget = 60s;  // bufferTimeAtTopQualityLongForm
constexpr base::Duration kDashJsLongForm = 600s;             // longFormContentDurationThreshold
constexpr base::Duration kDashJsAudioAhead = 1s;             // _getBufferTargetForAudio, ScheduleController.js
constexpr double kDashJsStallThreshold = 0.3;                // stallThreshold, seconds
constexpr double kDashJsUseBolaFrom = 12;                    // hybridSwitchBufferTime, seconds; half of it on the way back
constexpr base::Duration kDashJsAbandonTimeout = 10s;        // abandonLoadTimeout
constexpr std::int64_t kDashJsHeaders = 300;                 // bytes that transferSize counts for headers (Resource Timing, 4.3)
constexpr int kDashJsRetries = 3;                            // retryAttempts
constexpr base::Duration kDashJsRetryInterval = 1s;          // retryIntervals
constexpr base::Duration kDashJsManifestRetryInterval = 500ms;

base::Duration gap_after(const Download& download) {
  if (download.track == TrackKind::kAudio) return kDashJsPace.audio;
  return kDashJsPace.video + kDashJsPace.video_of_mb * download.received.count() / 1'000'000;
}

base::Duration from_seconds(double s) { return base::Duration{static_cast<std::int64_t>(s * 1e9)}; }

}  // namespace

const EngineTraits& DashJsEngine::traits() const {
  static const EngineTraits kTraits = dashjs_5_2();
  return kTraits;
}

std::size_t DashJsEngine::start_rendition(const PlayerView& view) {
  ladder_.clear();
  for (const LadderRung& rung : view.ladder()) ladder_.push_back(static_cast<double>(rung.peak.bps()) / 1000);
  return current_ = dashjs::optimal(ladder_, view.device().initial_estimate.kbps());
}

Next DashJsEngine::next(TrackKind kind, const PlayerView& view) {
  Schedule& s = schedule(kind);
  const std::size_t rendition = kind == TrackKind::kVideo ? current_ : 0;
  if (s.fragment.count() == 0) s.fragment = view.segment_duration(kind);
  if (s.repeats) return Load{.rendition = rendition, .from = view.next(kind)};
  if (view.now() < s.timer) return Pause{s.timer};
  if (!should_buffer(kind, view)) return Pause{s.timer = view.now() + kDashJsScheduleTimeout};
  if (kind == TrackKind::kVideo && s.checks_quality && changes_quality(view))
    return Pause{s.timer = view.now() + kDashJsPace.quality_change};
  s.checks_quality = true;
  const base::Duration pause = kind == TrackKind::kVideo ? std::exchange(load_delay_, base::Duration{}) : base::Duration{};
  const bool behind = s.from && *s.from + s.fragment < view.playhead();  // since a seek
  return Load{.rendition = rendition, .from = s.from && !behind ? *s.from : view.next(kind), .pause = pause};
}

bool DashJsEngine::should_buffer(TrackKind kind, const PlayerView& view) const {
  const base::Duration level = from_seconds(levels_.at(kind, view));
  if (kind == TrackKind::kAudio) {
    const base::Duration video = from_seconds(levels_.at(TrackKind::kVideo, view));
    return level < std::max(video + kDashJsAudioAhead, schedules_[index_of(kind)].fragment);
  }
  const base::Duration segment = view.segment_duration(kind);
  const base::Duration target = buffer_target(view);
  return level + (target > segment ? segment : base::Duration{}) < target;
}

base::Duration DashJsEngine::buffer_target(const PlayerView& view) const {
  if (current_ + 1 < ladder_.size()) return view.device().buffer_target;
  const auto end = view.end(TrackKind::kVideo);
  return !end || *end >= kDashJsLongForm ? kDashJsTopQualityLongTarget : kDashJsTopQualityTarget;
}

// getBufferTimeDefault, MediaPlayerModel.js; seconds.
double DashJsEngine::buffer_time(const PlayerView& view) const {
  const auto delay = view.live_delay();
  const base::Duration target = view.device().buffer_target;
  return base::to_seconds(delay && delay->count() > 0 ? std::min(target, *delay) : target);
}

// checkPlaybackQuality, AbrController.js.
bool DashJsEngine::changes_quality(const PlayerView& view) {
  const double level = levels_.at(TrackKind::kVideo, view);
  note_level(level, view);
  const auto wanted = decide(view, level);
  if (!wanted) return false;
  switch_history_.on_decision(current_, *wanted);
  if (*wanted == current_ || (*wanted > current_ && !may_rise(view))) return false;
  current_ = *wanted;
  bola_.on_quality_change(current_);
  replace_buffer_from_playhead(view);
  schedule(TrackKind::kVideo).checks_quality = false;
  return true;
}

// _prepareForFastQualitySwitch, StreamProcessor.js. The stretch it means to leave alone, 1.5 segments, comes out as none: the
// representations that the rules choose from have no fragmentDuration.
void DashJsEngine::replace_buffer_from_playhead(const PlayerView& view) {
  const auto playing = view.buffered_rendition(view.playhead());
  if (playing && *playing < current_ && may_rise(view)) schedule(TrackKind::kVideo).from = view.playhead();
}

// All rules have the same priority: the lowest rendition that any of them asks for.
std::optional<std::size_t> DashJsEngine::decide(const PlayerView& view, double level_s) {
  std::optional<std::size_t> lowest = main_rule(view, level_s);
  const auto take = [&](std::optional<std::size_t> rendition) {
    if (rendition && (!lowest || *rendition < *lowest)) lowest = rendition;
  };
  take(insufficient_buffer_.limit(ladder_, {.average_kbps = throughput_.average(),
                                            .buffer_s = level_s,
                                            .segment_s = base::to_seconds(schedule(TrackKind::kVideo).fragment),
                                            .empty = is_empty_}));
  take(switch_history_.limit(ladder_.size()));
  return lowest;
}

// BolaRule or ThroughputRule (ABRRulesCollection.js, ThroughputRule.js).
std::optional<std::size_t> DashJsEngine::main_rule(const PlayerView& view, double level_s) {
  const auto safe = throughput_.safe();
  if (!uses_bola_) {
    if (!safe || !may_rise(view) || (is_empty_ && !view.is_live())) return std::nullopt;
    load_delay_ = {};
    return dashjs::optimal(ladder_, *safe);
  }
  load_delay_ = {};
  std::optional<std::size_t> affordable;
  if (safe) affordable = dashjs::optimal(ladder_, *safe);
  const auto choice =
      bola_.choose(ladder_, {.now = view.now(), .level_s = level_s, .buffer_time_s = buffer_time(view), .affordable = affordable});
  if (!choice) return std::nullopt;
  load_delay_ = from_seconds(choice->delay_s);
  return choice->rendition;
}

// Whatever is made of a level whenever it is measured.
void DashJsEngine::note_level(double level_s, const PlayerView& view) {
  const bool empty = level_s <= kDashJsStallThreshold && view.playhead().count() > 0;
  if (empty && !is_empty_) bola_.on_buffer_empty();
  is_empty_ = empty;
  uses_bola_ = level_s >= (uses_bola_ ? kDashJsUseBolaFrom / 2 : kDashJsUseBolaFrom);
}

void DashJsEngine::on_progress(const Download& download, const PlayerView& view) {
  if (download.track != TrackKind::kVideo || download.init) return;
  abandon_to_ = abandon_.on_progress(download, ladder_, levels_.at(TrackKind::kVideo, view), buffer_time(view));
}

bool DashJsEngine::gives_up(const Download& download, const PlayerView&) {
  return download.track == TrackKind::kVideo && !download.init && abandon_to_;
}

void DashJsEngine::on_abort(const Download& download, const PlayerView& view) {
  if (download.track != TrackKind::kVideo || !abandon_to_) return;
  abandoned_until_ = view.now() + kDashJsAbandonTimeout;
  switch_history_.reset();
  current_ = *std::exchange(abandon_to_, std::nullopt);
  bola_.on_quality_change(current_);
  bola_.on_abandon(levels_.at(TrackKind::kVideo, view));
  throughput_.add(abandon_.measured());
  times_.first(download.rendition, download.start, {base::ByteCount::bytes(kDashJsHeaders), download.latest - *download.first_byte});
  Schedule& s = schedule(TrackKind::kVideo);
  s.timer = view.now() + kDashJsPace.after_abort;
  s.checks_quality = false;
  s.from = download.start;
}

void DashJsEngine::on_download(const Download& download, const PlayerView& view) {
  if (download.init) return;
  Schedule& s = schedule(download.track);
  if (download.track == TrackKind::kVideo) note_segment(download, view);
  levels_.on_append(download.track, view);
  if (download.track == TrackKind::kVideo) note_level(levels_.at(TrackKind::kVideo, view), view);
  s.timer = view.now() + gap_after(download);
  s.repeats = false;
  s.from.reset();
}

// Before it is appended.
void DashJsEngine::note_segment(const Download& download, const PlayerView& view) {
  const double level = levels_.without_latest(TrackKind::kVideo, view);
  note_level(level, view);
  abandon_to_.reset();
  if (download.first_byte) {
    const base::ByteCount bytes = download.received + base::ByteCount::bytes(kDashJsHeaders);
    throughput_.add(times_.first(download.rendition, download.start, {bytes, download.latest - *download.first_byte}));
  }
  bola_.on_segment({.rendition = download.rendition,
                    .start = download.start,
                    .duration = download.duration,
                    .asked = download.asked,
                    .finished = download.latest},
                   level);
  insufficient_buffer_.on_append();
}

void DashJsEngine::on_state(PlayerState entered, const PlayerView& view) {
  if (entered == PlayerState::kPlaying) levels_.on_playing(view.now());
  if (entered == PlayerState::kStarting && has_played_) {
    bola_.on_seek();
    insufficient_buffer_.on_seek();
  }
  has_played_ |= entered == PlayerState::kPlaying;
}

// HTTPLoader.js: whatever failed, and then it is final: the only BaseURL is out, and no request follows.
Remedy DashJsEngine::remedy(const FailedRequest& request, const PlayerView& view) {
  if (request.kind == RequestKind::kToken || request.kind == RequestKind::kTokenRefresh) return Engine::remedy(request, view);
  if (request.failures > kDashJsRetries) return {Remedy::What::kFail, {}};
  const bool segment = request.kind == RequestKind::kVideo || request.kind == RequestKind::kAudio;
  if (segment) schedule(request.track).repeats = true;
  return {Remedy::What::kRetry, request.kind == RequestKind::kManifest ? kDashJsManifestRetryInterval : kDashJsRetryInterval};
}

std::optional<base::Bitrate> DashJsEngine::throughput() const {
  const auto kbps = throughput_.average();
  if (!kbps) return std::nullopt;
  return base::Bitrate::bits_per_second(static_cast<std::int64_t>(*kbps * 1000));
}

}  // namespace harness
