#include "harness/engine/media3_engine.h"

#include <algorithm>

#include "harness/engine/calibration.h"
#include "harness/engine/ladder_change.h"
#include "harness/engine/media3_load_control.h"

namespace harness {
namespace {

using namespace base::literals;

constexpr base::Duration kLookOverEvery = 1s;  // MIN_TIME_BETWEEN_BUFFER_REEVALUTATION_MS, AdaptiveTrackSelection.java
constexpr base::Duration kFullPoll = 500ms;    // while the bytes are too many; an assumption, the player looks every 10 ms

// Where the track's loader goes on, what it is loading included; nothing once all is asked for.
std::optional<base::Duration> load_position(TrackKind kind, const PlayerView& view) {
  if (!view.has(kind)) return std::nullopt;
  const Download* running = view.running(kind);
  const base::Duration position = running != nullptr ? running->start + running->duration : view.next(kind);
  const auto end = view.end(kind);
  if (end && position >= *end) return std::nullopt;
  return position;
}

// When so much has been played, at the earliest.
base::Instant after_media(base::Duration media, const PlayerView& view) {
  if (media == base::Duration::max()) return base::Instant::max();
  return view.now() + in_wall_time(media, view.rate());
}

}  // namespace

Media3Engine::Media3Engine(const Device& device) : protocol_{device.protocol}, bandwidth_{device.initial_estimate} {}

const EngineTraits& Media3Engine::traits() const {
  static const std::array kTraits{media3_1_11(StreamingProtocol::kHls), media3_1_11(StreamingProtocol::kDash)};
  return kTraits[protocol_ == StreamingProtocol::kDash ? 1 : 0];
}

Next Media3Engine::next(TrackKind kind, const PlayerView& view) {
  for (Media3Queue& queue : queues_) queue.drop_before(view.playhead());
  const auto cut_at = kind == TrackKind::kVideo ? cut(view) : std::nullopt;
  const base::Duration from = cut_at.value_or(view.next(kind));
  const base::Duration other = load_position(other_than(kind), view).value_or(from);
  const base::Duration ahead = std::min(from, other) - view.playhead();
  if (!media3_loads_on(ahead, held(view), view.device().buffer_target)) return rest(ahead, view);
  if (other < from && from > view.playhead()) return Pause{};
  if (kind == TrackKind::kAudio) return Load{.from = from};
  if (cut_at) queues_[0].drop_from(*cut_at);
  Load load = choose(from, view);
  load.drops_rest = cut_at.has_value();
  return load;
}

Pause Media3Engine::rest(base::Duration ahead, const PlayerView& view) const {
  const base::Duration over = ahead - view.device().buffer_target;
  const base::Duration wait = over.count() > 0 ? std::min(over, kLookOverEvery) : kFullPoll;
  return Pause{view.state() == PlayerState::kPlaying ? view.now() + wait : base::Instant::max()};
}

Media3Situation Media3Engine::situation(base::Duration from, const PlayerView& view) const {
  Media3Situation now{.now = view.now(),
                      .estimate = bandwidth_.estimate(),
                      .audio = view.audio_rate(),
                      .speed = view.rate(),
                      .buffered = from - view.playhead(),
                      .available = {},
                      .next_chunk = view.segment_duration(TrackKind::kVideo)};
  if (edge_) now.available = *edge_ - view.playhead();
  return now;
}

// Where segments cannot be decoded by themselves, a switch loads the last one again, and that much less counts as buffered
// (HlsChunkSource.getNextChunk).
Media3Situation Media3Engine::situation_of_choice(base::Duration from, const PlayerView& view) const {
  Media3Situation now = situation(from, view);
  if (!overlaps(view)) return now;
  const base::Duration again = queues_[0].last_duration();
  now.buffered = std::max<base::Duration>(now.buffered - again, {});
  if (now.available) now.available = std::max<base::Duration>(*now.available - again, {});
  return now;
}

Load Media3Engine::choose(base::Duration from, const PlayerView& view) {
  const Media3Queue& queue = queues_[0];
  selected_ = media3_choice(view.ladder(), situation_of_choice(from, view), errors_.exclusions(), previous());
  edge_ = view.live_edge();
  const bool again = overlaps(view) && *selected_ != queue.last_rendition() && queue.end() > view.playhead();
  return {.rendition = *selected_, .from = again ? queue.last_start() : from};
}

// With video that is not listed yet.
base::Instant Media3Engine::choice_lasts_until(const PlayerView& view) const {
  if (protocol_ != StreamingProtocol::kHls || std::optional{edge_} != view.live_edge()) return {};
  const Media3Situation now = situation_of_choice(view.next(TrackKind::kVideo), view);
  return after_media(media3_choice_lasts(view.ladder(), now, errors_.exclusions(), previous()), view);
}

// Once a second, and whenever a segment has been added.
std::optional<base::Duration> Media3Engine::cut(const PlayerView& view) {
  const Media3Queue& queue = queues_[0];
  if (queue.empty() || view.ladder().size() < 2) return std::nullopt;
  const bool is_new = queue.last_start() != looked_over_at_;
  if (looked_over_ && !is_new && view.now() - *looked_over_ < kLookOverEvery) return std::nullopt;
  looked_over_ = view.now();
  looked_over_at_ = queue.last_start();
  const std::size_t ideal = media3_ideal(view.ladder(), situation(view.next(TrackKind::kVideo), view), errors_.exclusions());
  return media3_cut(queue, view.ladder(), ideal, view.playhead(), view.rate());
}

base::ByteCount Media3Engine::held(const PlayerView& view) const {
  base::ByteCount sum;
  for (const TrackKind kind : kTrackKinds) {
    sum += queues_[index_of(kind)].bytes();
    if (const Download* running = view.running(kind)) sum += running->received;
  }
  return sum;
}

// What is on its way may be too much to hold.
bool Media3Engine::judges_progress(const PlayerView& view) const {
  base::ByteCount sum = held(view);
  for (const TrackKind kind : kTrackKinds)
    if (const Download* running = view.running(kind)) sum += running->expected.value_or(kMedia3MostBytes);
  return sum >= kMedia3MostBytes;
}

base::Instant Media3Engine::quiet_until(const PlayerView& view) const {
  if (held(view) >= kMedia3MostBytes) return {};
  base::Instant quiet = base::Instant::max();
  for (const TrackKind kind : kTrackKinds) {
    if (!view.has(kind)) continue;
    const Download* running = view.running(kind);
    if (running == nullptr) quiet = std::min(quiet, quiet_until(kind, view));
    if (running != nullptr && !running->first_byte && is_steered(view)) return {};  // begins_to_grow()
  }
  return quiet;
}

// While the other track's download runs. A full buffer is looked at a second after whatever happened last, progress too: some of it has to
// be told before that second is over. A track that waits for its next segment to be listed is asked with whatever happens.
base::Instant Media3Engine::quiet_until(TrackKind waiting, const PlayerView& view) const {
  base::Instant quiet = base::Instant::max();
  if (const auto& queue = queues_[index_of(waiting)]; waiting == TrackKind::kVideo && !queue.empty() && view.ladder().size() > 1) {
    if (!looked_over_ || queue.last_start() != looked_over_at_) return {};
    quiet = *looked_over_ + kLookOverEvery;
  }
  const base::Duration from = view.next(waiting), other = load_position(other_than(waiting), view).value_or(from);
  const base::Duration ahead = std::min(from, other) - view.playhead();
  if (!media3_loads_on(ahead, {}, view.device().buffer_target)) {
    const base::Instant full = after_media(ahead - view.device().buffer_target, view);
    return std::min({quiet, full, view.now() + (kLookOverEvery - 2 * traits().progress_every)});
  }
  if (other < from) return std::min(quiet, after_media(from - view.playhead(), view));
  if (!view.is_live() || view.segment_start(waiting, from)) return {};
  return waiting == TrackKind::kAudio ? quiet : std::min(quiet, choice_lasts_until(view));
}

std::optional<base::Instant> Media3Engine::wake(const PlayerView& view) const {
  return view.state() == PlayerState::kPlaying ? live_speed_.next_update() : std::nullopt;
}

Remedy Media3Engine::remedy(const FailedRequest& request, const PlayerView& view) {
  if (request.kind == RequestKind::kToken || request.kind == RequestKind::kTokenRefresh) return remedy_for(request);
  bandwidth_.ends(request.track, view.now());
  std::size_t alternatives = 0;
  for (std::size_t i = 0; i < view.ladder().size(); ++i) {
    if (view.is_listed(i)) alternatives = view.ladder().size();  // before the first playlist there is none
  }
  return errors_.remedy(request, alternatives, view.now());
}

// The first bytes of a download have just come: until now what is buffered has become less.
bool Media3Engine::begins_to_grow(const PlayerView& view) const {
  return std::any_of(kTrackKinds.begin(), kTrackKinds.end(), [&](TrackKind kind) {
    const Download* running = view.running(kind);
    return running != nullptr && running->first_byte && !bandwidth_.is_running(kind);
  });
}

// Only streams that name their delay and are dated are steered (HlsMediaSource.updateLiveConfiguration; DASH would need a
// ServiceDescription). It looks once a second and where the media is shortest, whatever else happens.
double Media3Engine::playback_rate(const PlayerView& view) {
  const auto latency = view.latency();
  if (!latency || !is_steered(view)) return 1;
  const auto edge = live_speed_.has_aim() ? std::nullopt : view.live_edge();
  if (edge) live_speed_.aim(*view.live_delay() + *latency + view.playhead() - *edge);
  if (view.state() != PlayerState::kPlaying) return 1;
  if (!live_speed_.is_due(view.now()) && !begins_to_grow(view)) return live_speed_.last();
  const base::Duration video = view.level(TrackKind::kVideo);
  const base::Duration audio = view.has(TrackKind::kAudio) ? view.level(TrackKind::kAudio) : video;
  return live_speed_.speed(view.now(), *latency, std::min(video, audio));
}

bool Media3Engine::note_progress(const Download& download, const PlayerView& view) {
  on_progress(download, view);
  return held(view) >= kMedia3MostBytes;
}

void Media3Engine::on_progress(const Download& download, const PlayerView&) {
  if (download.first_byte) bandwidth_.runs(download.track, *download.first_byte, download.received);
}

void Media3Engine::on_download(const Download& download, const PlayerView& view) {
  bandwidth_.runs(download.track, download.first_byte.value_or(download.asked), download.received);
  bandwidth_.ends(download.track, view.now());
  if (download.init) return;
  queues_[index_of(download.track)].add({.start = download.start,
                                         .duration = download.duration,
                                         .bytes = static_cast<std::uint32_t>(download.received.count()),
                                         .rendition = static_cast<std::uint32_t>(download.rendition)});
}

void Media3Engine::on_abort(const Download& download, const PlayerView& view) { bandwidth_.ends(download.track, view.now()); }

void Media3Engine::on_ladder(const LadderChange& change, const PlayerView&) {
  if (selected_) selected_ = change.nearest(*selected_);
  queues_[0].on_ladder(change);
  errors_.on_ladder(change);
}

void Media3Engine::on_state(PlayerState entered, const PlayerView&) {
  if (entered == PlayerState::kStalled) live_speed_.rebuffered();
}

std::optional<base::Bitrate> Media3Engine::throughput() const {
  return bandwidth_.is_measured() ? std::optional{bandwidth_.estimate()} : std::nullopt;
}

}  // namespace harness
