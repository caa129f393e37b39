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
constexpr int kDashJsRetries = 3;                            // retryAttempts, Settings.js
constexpr base::Duration kDashJsRetryInterval = 1s;          // retryIntervals
constexpr base::Duration kDashJsManifestRetryInterval = 500ms;

base::Duration dashjs_gap_after(const Download& download) {
  if (download.track == TrackKind::kAudio) return kDashJsPace.audio;
  return kDashJsPace.video + kDashJsPace.video_of_mb * download.received.count() / 1'000'000;
}

bool is_dashjs_video(const Download& download) { return download.track == TrackKind::kVideo && !download.init; }

}  // namespace

const EngineTraits& DashJsEngine::traits() const {
  static const EngineTraits kTraits = dashjs_5_2();
  return kTraits;
}

std::size_t DashJsEngine::start_rendition(const PlayerView& view) {
  abr_.begin(dashjs::Ladder{view.ladder()}, static_cast<double>(view.device().initial_estimate.bps()) / 1000);
  return abr_.current();
}

Next DashJsEngine::next(TrackKind kind, const PlayerView& view) {
  const bool video = kind == TrackKind::kVideo;
  Schedule& s = schedule(kind);
  if (s.fragment.count() == 0) s.fragment = view.segment_duration(kind);
  if (repeats_[index_of(kind)]) return Load{.rendition = video ? abr_.current() : 0, .from = view.next(kind)};
  if (s.looks.are_idle() && view.now() < s.timer) s.timer = next_look(kind, view);
  if (view.now() < s.timer) return Pause{s.timer};
  s.looks.end();
  if (!should_buffer(kind, view)) {
    s.looks.begin(view.now() + kDashJsScheduleTimeout);
    return Pause{s.timer = next_look(kind, view)};
  }
  if (video && checks_quality_ && changes_quality(view)) return Pause{s.timer = view.now() + kDashJsPace.quality_change};
  if (video) checks_quality_ = true;
  return Load{.rendition = video ? abr_.current() : 0, .from = position(kind, view), .pause = video ? abr_.take_delay() : base::Duration{}};
}

bool DashJsEngine::should_buffer(TrackKind kind, const PlayerView& view) const {
  const double level = levels_.at(kind, view);
  if (kind == TrackKind::kAudio) {
    const double video = levels_.at(TrackKind::kVideo, view);
    return level < std::max(video + base::to_seconds(kDashJsAudioAhead), base::to_seconds(schedule(kind).fragment));
  }
  const base::Duration segment = view.segment_duration(kind), target = buffer_target(view);
  return level + base::to_seconds(target > segment ? segment : base::Duration{}) < base::to_seconds(target);
}

// Whether audio is ahead enough of video, play does not change.
base::Instant DashJsEngine::falls(TrackKind kind, const PlayerView& view) const {
  const bool plays = view.state() == PlayerState::kPlaying && !view.is_hidden();
  base::Duration above = view.level(kind);
  if (kind == TrackKind::kAudio) {
    const bool is_ahead = above >= view.level(TrackKind::kVideo) + kDashJsAudioAhead + dashjs::BufferLevels::kTimeUpdate;
    above = is_ahead ? above - schedule(kind).fragment : base::Duration{};
  } else {
    const base::Duration segment = view.segment_duration(kind), target = buffer_target(view);
    above -= target > segment ? target - segment : target;
  }
  return IdleLooks::falls(view.now(), above, plays ? view.rate() : 0);
}

// What dash.js knows of a level is as old as the last event of time.
base::Instant DashJsEngine::next_look(TrackKind kind, const PlayerView& view) const {
  const base::Instant low = falls(kind, view);
  return schedule(kind).looks.next(low > view.now() ? levels_.known_from(low) : low, kDashJsScheduleTimeout);
}

base::Duration DashJsEngine::buffer_target(const PlayerView& view) const {
  if (abr_.current() + 1 < view.ladder().size()) return view.device().buffer_target;
  const auto end = view.end(TrackKind::kVideo);
  return !end || *end >= kDashJsLongForm ? kDashJsTopQualityLongTarget : kDashJsTopQualityTarget;
}

// A rise also replaces what is buffered, from the playhead on (_prepareForFastQualitySwitch, StreamProcessor.js). The stretch that the
// source means to leave alone, 1.5 segments, comes out as none: the representations that rules choose from have no fragmentDuration.
bool DashJsEngine::changes_quality(const PlayerView& view) {
  if (!abr_.changes(moment(view))) return false;
  Schedule& s = schedule(TrackKind::kVideo);
  checks_quality_ = false;
  const auto playing = view.buffered_rendition(view.playhead());
  if (playing && *playing < abr_.current() && abr_.may_rise(view.now())) s.from = view.playhead();
  return true;
}

base::Duration DashJsEngine::position(TrackKind kind, const PlayerView& view) const {
  const Schedule& s = schedule(kind);
  const bool sought_since = s.from && *s.from + s.fragment < view.playhead();
  return s.from && !sought_since ? *s.from : view.next(kind);
}

// getBufferTimeDefault, MediaPlayerModel.js
base::Duration DashJsEngine::stable_buffer(const PlayerView& view) const {
  const auto delay = view.live_delay();
  const base::Duration target = view.device().buffer_target;
  return delay && delay->count() > 0 ? std::min(target, *delay) : target;
}

dashjs::Abr::Moment DashJsEngine::moment(const PlayerView& view, double level_s) const {
  return {.ladder = dashjs::Ladder{view.ladder()},
          .now = view.now(),
          .level_s = level_s,
          .buffer_time_s = base::to_seconds(stable_buffer(view)),
          .segment_s = base::to_seconds(schedule(TrackKind::kVideo).fragment),
          .live = view.is_live(),
          .begun = view.playhead().count() > 0};
}

void DashJsEngine::on_progress(const Download& download, const PlayerView& view) {
  if (is_dashjs_video(download)) gives_up_ = abr_.on_progress(download, moment(view));
}

// Early, with more in the buffer than is wanted, or at the lowest rendition, nothing is given up.
base::Instant DashJsEngine::quiet_until(const PlayerView& view) const {
  if (view.moves_window()) return {};
  base::Instant quiet = base::Instant::max();
  for (const TrackKind kind : kTrackKinds) {
    if (!view.has(kind) || view.running(kind) != nullptr) continue;
    if (repeats_[index_of(kind)] || schedule(kind).timer <= view.now()) return {};
    const base::Instant low = schedule(kind).looks.are_idle() ? falls(kind, view) : view.now();
    quiet = std::min(quiet, low > view.now() ? std::min(low, schedule(kind).timer) : schedule(kind).timer);
  }
  const Download* video = view.running(TrackKind::kVideo);
  if (gives_up_ || video == nullptr || video->rendition == 0) return gives_up_ ? base::Instant{} : quiet;
  const base::Duration above = view.level(TrackKind::kVideo) - stable_buffer(view) - 1ms;
  return std::min(quiet, std::max(view.now() + above, abr_.judges_from(*video, view.now())));
}

bool DashJsEngine::note_progress(const Download& download, const PlayerView&) {
  if (is_dashjs_video(download)) abr_.note_progress(download);
  return false;
}

bool DashJsEngine::gives_up(const Download& download, const PlayerView&) { return is_dashjs_video(download) && gives_up_; }

void DashJsEngine::on_abort(const Download& download, const PlayerView& view) {
  if (!is_dashjs_video(download) || !std::exchange(gives_up_, false)) return;
  abr_.on_abort(download, moment(view));
  Schedule& s = schedule(TrackKind::kVideo);
  s.timer = view.now() + kDashJsPace.after_abort;
  checks_quality_ = false;
  s.from = download.start;
}

void DashJsEngine::on_download(const Download& download, const PlayerView& view) {
  if (download.init) return;
  const bool video = download.track == TrackKind::kVideo;
  if (video) abr_.on_segment(download, moment(view, levels_.without_latest(TrackKind::kVideo, view)));
  levels_.on_append(download.track, view);
  if (video) abr_.on_level(moment(view));
  gives_up_ = gives_up_ && !video;
  Schedule& s = schedule(download.track);
  s.timer = view.now() + dashjs_gap_after(download);
  s.looks.begin(s.timer);
  repeats_[index_of(download.track)] = false;
  s.from.reset();
}

void DashJsEngine::on_state(PlayerState entered, const PlayerView& view) {
  if (entered == PlayerState::kPlaying) levels_.on_playing(view.now());
  if (entered == PlayerState::kStarting && has_played_) abr_.on_seek();
  has_played_ |= entered == PlayerState::kPlaying;
}

// HTTPLoader.js: whatever failed, and then it is final: the only BaseURL is out, and no request follows.
Remedy DashJsEngine::remedy(const FailedRequest& request, const PlayerView& view) {
  if (request.kind == RequestKind::kToken || request.kind == RequestKind::kTokenRefresh) return Engine::remedy(request, view);
  if (request.failures > kDashJsRetries) return {Remedy::What::kFail, {}};
  const bool segment = request.kind == RequestKind::kVideo || request.kind == RequestKind::kAudio;
  if (segment) repeats_[index_of(request.track)] = true;
  return {Remedy::What::kRetry, request.kind == RequestKind::kManifest ? kDashJsManifestRetryInterval : kDashJsRetryInterval};
}

std::optional<base::Bitrate> DashJsEngine::throughput() const {
  const auto kbps = abr_.throughput().average();
  if (!kbps) return std::nullopt;
  return base::Bitrate::bits_per_second(static_cast<std::int64_t>(*kbps * 1000));
}

}  // namespace harness
