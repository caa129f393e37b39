#include "harness/engine/shaka_engine.h"

#include <algorithm>
#include <utility>

#include "harness/engine/calibration.h"
#include "harness/engine/ladder_change.h"
#include "harness/engine/shaka_error_rule.h"

namespace harness {
namespace {

using namespace std::chrono_literals;

constexpr ShakaPace kShakaPace = shaka_5_2_pace();
constexpr base::Duration kShakaUpdateInterval = 1s;  // streaming.updateIntervalSeconds, player_configuration.js
constexpr base::Duration kShakaTolerance = 2s;       // streaming.inaccurateManifestTolerance
constexpr base::Duration kShakaMinRunAhead = 500ms;  // MIN_RUN_AHEAD_SECONDS_, streaming_engine.js
constexpr std::int64_t kShakaRunAheadSegments = 1;   // MAX_RUN_AHEAD_SEGMENTS_

}  // namespace

const EngineTraits& ShakaEngine::traits() const {
  static const std::array kTraits{shaka_5_2(StreamingProtocol::kHls), shaka_5_2(StreamingProtocol::kDash)};
  return kTraits[protocol_ == StreamingProtocol::kDash ? 1 : 0];
}

ShakaEngine::ShakaEngine(const Device& device) : protocol_{device.protocol}, prior_{device.initial_estimate} {}

std::size_t ShakaEngine::start_rendition(const PlayerView& view) {
  if (variants_.empty()) {
    audio_rate_ = view.audio_rate();  // DASH declares video and audio apart; its audio track is known here already
    variants_ = variants_of(view.ladder());
    interval_.chosen(view.now());
  }
  return chosen_ = choose(view);
}

std::vector<shaka::Variant> ShakaEngine::variants_of(const std::vector<LadderRung>& ladder) const {
  std::vector<shaka::Variant> variants;
  for (const LadderRung& rung : ladder) variants.push_back({.rate = rung.peak + audio_rate_});
  return variants;
}

// What was disabled stays so. Where the chosen variant is gone, another is chosen.
void ShakaEngine::on_ladder(const LadderChange& change, const PlayerView& view) {
  const std::vector<shaka::Variant> before = std::exchange(variants_, variants_of(view.ladder()));
  for (std::size_t i = 0; i < before.size(); ++i)
    if (change.keeps(i)) variants_[change.exact(i)].disabled_until = before[i].disabled_until;
  selected_ = change.exact(selected_);
  chosen_ = change.keeps(chosen_) ? change.exact(chosen_) : choose(view);
}

// update_: what the track's loop does when its timer fires.
Next ShakaEngine::next(TrackKind kind, const PlayerView& view) {
  Track& mine = track(kind);
  if (mine.looks.are_idle() && view.now() < mine.update_at) mine.update_at = next_look(kind, view);
  if (view.now() < mine.update_at) return Pause{mine.update_at};
  mine.looks.end();
  if (const auto first = begin(kind, view)) return *first;
  note_longest(view);
  if (view.level(kind) >= view.device().buffer_target) {
    mine.looks.begin(view.now() + poll(view) / 2);
    mine.update_at = next_look(kind, view);
  } else if (view.is_live() && is_at_edge(kind, view)) {
    mine.update_at = view.now() + (mine.last_segment.count() > 0 ? std::min(mine.last_segment / 2, poll(view)) : poll(view));
  } else if (runs_ahead(kind, view)) {
    mine.update_at = view.now() + poll(view);
  } else {
    return load(kind, view);
  }
  return Pause{mine.update_at};
}

// At another speed the looks follow each other at another pace, so none is passed over; nor on a page whose timers run late.
base::Instant ShakaEngine::next_look(TrackKind kind, const PlayerView& view) const {
  const bool plays = view.state() == PlayerState::kPlaying && view.rate() == 1 && !view.is_hidden();
  const base::Duration above = view.level(kind) - view.device().buffer_target;
  return tracks_[index_of(kind)].looks.next(IdleLooks::falls(view.now(), above, plays ? 1 : 0), kShakaUpdateInterval / 2);
}

Next ShakaEngine::load(TrackKind kind, const PlayerView& view) {
  if (kind == TrackKind::kAudio) return Load{.from = from(kind, view)};
  selected_ = chosen_;
  return Load{.rendition = chosen_, .from = from(kind, view)};
}

// The next segment is not listed yet; a playlist that is not here yet is another matter.
bool ShakaEngine::is_at_edge(TrackKind kind, const PlayerView& view) const {
  const bool listed = view.segment_duration(kind).count() > 0 && (kind == TrackKind::kAudio || selected_ == chosen_);
  return listed && !view.segment_start(kind, from(kind, view));
}

// Before streaming begins: HLS video is looked at for captions. Then each track of a live stream begins within the tolerance.
std::optional<Next> ShakaEngine::begin(TrackKind kind, const PlayerView& view) {
  const bool video = kind == TrackKind::kVideo;
  if (is_probing(view)) {
    if (!video) return Pause{};
    if (const auto look = probe_.next(view))
      return Load{.rendition = chosen_, .from = look->start, .pause = kShakaPace.probe, .kept = look->kept};
    track(TrackKind::kAudio).update_at = view.now() + kShakaPace.after_probe;
    track(TrackKind::kVideo).update_at = view.now() + kShakaPace.after_probe + kShakaPace.video_after;
    return Pause{track(kind).update_at};
  }
  Track& mine = track(kind);
  if (view.is_live() && mine.last_segment.count() == 0 && !mine.resume)
    mine.resume = std::max(view.playhead() - kShakaTolerance, base::Duration{});
  return std::nullopt;
}

// getTimeNeeded_: the end of the last segment, or the playhead before the first one.
base::Duration ShakaEngine::time_needed(TrackKind kind, const PlayerView& view) const {
  return tracks_[index_of(kind)].last_segment.count() > 0 ? from(kind, view) : view.playhead();
}

base::Duration ShakaEngine::from(TrackKind kind, const PlayerView& view) const {
  const auto& resume = tracks_[index_of(kind)].resume;
  return resume.value_or(view.next(kind));
}

base::Duration ShakaEngine::poll(const PlayerView& view) const {
  return base::Duration{static_cast<std::int64_t>(static_cast<double>(kShakaUpdateInterval.count()) / std::max(1.0, view.rate()))};
}

// A track does not get further ahead of the other one than the longest segment, counted by what is appended.
bool ShakaEngine::runs_ahead(TrackKind kind, const PlayerView& view) const {
  const TrackKind other = other_than(kind);
  if (!view.has(other) || !view.segment_start(other, from(other, view))) return false;
  return time_needed(kind, view) - time_needed(other, view) >= std::max(longest_segment_ * kShakaRunAheadSegments, kShakaMinRunAhead);
}

void ShakaEngine::note_longest(const PlayerView& view) {
  longest_segment_ = std::max(longest_segment_, view.segment_duration(TrackKind::kVideo));
  if (view.has(TrackKind::kAudio)) longest_segment_ = std::max(longest_segment_, view.segment_duration(TrackKind::kAudio));
}

std::size_t ShakaEngine::choose(const PlayerView& view) const {
  return shaka::choose(variants_, bandwidth_.estimate(prior_), view.rate(), view.now());
}

void ShakaEngine::suggest(const PlayerView& view) {
  if (variants_.empty() || !interval_.is_over(view.now(), bandwidth_.is_good())) return;
  interval_.chosen(view.now());
  chosen_ = choose(view);
}

void ShakaEngine::measure(const Download& download, bool complete, const PlayerView& view) {
  if (is_probing(view)) return;  // lateQueue in player.js: no one listens before load() has ended
  Track& mine = track(download.track);
  const auto part = (download.init ? mine.init : mine.segment).part(download, complete);
  if (!part) return;
  bandwidth_.add(part->size, part->took);
  suggest(view);
}

// A switch drops what the old stream's prefetcher has on its way, whatever shouldAbortCurrentRequest_ would say: with
// streaming.segmentPrefetchLimit 1 every segment is loaded by it (switchInternal_, switchStream in segment_prefetch.js).
bool ShakaEngine::gives_up(const Download& download, const PlayerView&) {
  return download.track == TrackKind::kVideo && download.rendition != chosen_;
}

// Of the tracks that load nothing, until the loop of one looks again.
base::Instant ShakaEngine::quiet_until(const PlayerView& view) const {
  if (is_probing(view) || view.moves_window()) return {};
  base::Instant quiet = base::Instant::max();
  for (const TrackKind kind : kTrackKinds)
    if (view.has(kind) && view.running(kind) == nullptr) quiet = std::min(quiet, tracks_[index_of(kind)].update_at);
  const Download* video = view.running(TrackKind::kVideo);
  return video != nullptr && video->rendition != chosen_ ? base::Instant{} : quiet;
}

bool ShakaEngine::note_progress(const Download& download, const PlayerView& view) {
  const std::size_t before = chosen_;
  measure(download, false, view);
  return chosen_ != before;
}

Heed ShakaEngine::heeds_from(const Download& download, const PlayerView&) const {
  const Track& mine = tracks_[index_of(download.track)];
  return (download.init ? mine.init : mine.segment).may_end_part(download);
}

void ShakaEngine::on_progress(const Download& download, const PlayerView& view) { measure(download, false, view); }

void ShakaEngine::on_download(const Download& download, const PlayerView& view) {
  measure(download, true, view);
  if (download.init) return;
  Track& mine = track(download.track);
  const base::Duration end = download.start + download.duration;
  if (download.track == TrackKind::kVideo && probe_.took(end)) {
    mine.resume = probe_.resume();
    if (mine.resume && end <= *mine.resume) mine.last_segment = download.duration;
    return;
  }
  mine.resume.reset();
  mine.last_segment = download.duration;
  mine.update_at = view.now() + (download.track == TrackKind::kVideo ? kShakaPace.video : kShakaPace.audio);
  mine.looks.begin(mine.update_at);
}

void ShakaEngine::on_abort(const Download& download, const PlayerView& view) {
  track(download.track).update_at = view.now() + kShakaPace.after_abort;
}

Remedy ShakaEngine::remedy(const FailedRequest& request, const PlayerView& view) {
  const bool video = request.kind == RequestKind::kVideo || (request.kind == RequestKind::kInit && request.track == TrackKind::kVideo);
  const auto can_play = [&](std::size_t i) { return i != request.rendition && variants_[i].disabled_until <= view.now(); };
  bool has_other = false;
  for (std::size_t i = 0; video && i < variants_.size(); ++i) has_other = has_other || can_play(i);
  const shaka::Verdict verdict = shaka::verdict(request, has_other);
  if (!verdict.disables_stream || request.rendition >= variants_.size()) return verdict.remedy;
  variants_[request.rendition].disabled_until = view.now() + verdict.remedy.after + shaka::kDisabled;
  chosen_ = choose(view);
  interval_.chosen(view.now());
  return verdict.remedy;
}

std::optional<base::Bitrate> ShakaEngine::throughput() const {
  if (!bandwidth_.is_good()) return std::nullopt;
  return bandwidth_.estimate(prior_);
}

}  // namespace harness
