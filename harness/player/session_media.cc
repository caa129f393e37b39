#include <algorithm>
#include <functional>

#include "base/tight.h"
#include "harness/player/session.h"

namespace harness {
namespace {

using namespace base::literals;

// The last bit says whose.
std::size_t init_key(TrackKind kind, const base::SharedText& url, const std::optional<media::ByteRange>& range) {
  const std::size_t place = range ? std::hash<std::int64_t>{}(range->offset * 31 + range->length) : 0;
  return (url.hash() ^ place) << 1 | index_of(kind);
}

bool is_of(TrackKind kind, std::size_t init_key) { return (init_key & 1) == index_of(kind); }

}  // namespace

void PlayerSession::Impl::ask_for_range(Fetch& fetch, const std::optional<media::ByteRange>& range) {
  if (!range || range->length <= 0) return;
  fetch.headers.emplace_back("Range", "bytes=" + std::to_string(range->offset) + "-" + std::to_string(range->offset + range->length - 1));
}

void PlayerSession::Impl::plan_media(TrackKind kind) {
  if (!has(kind)) return;
  if (!cursors_[index_of(kind)].choice) choose(kind);
  if (!is_over() && cursors_[index_of(kind)].choice) pursue(kind);
}

// Asks the engine what to load next.
void PlayerSession::Impl::choose(TrackKind kind) {
  if (!may_start(slot_for(kind)) || (kind == TrackKind::kAudio && source_->track(kind) == nullptr)) return;
  Cursor& cursor = cursors_[index_of(kind)];
  cursor.look_at = base::Instant::max();
  const Next next = engine_->next(kind, *this);
  if (const Pause* pause = std::get_if<Pause>(&next)) {
    if (pause->until != base::Instant::max()) cursor.look_at = timer(std::max<base::Instant>(pause->until, now_ + kSoonestLook));
    return;
  }
  const Load& load = std::get<Load>(next);
  if (kind == TrackKind::kVideo && !select(load.rendition, load.pause)) return;
  if (load.drops_rest) playback_.drop_from(kind, load.from);
  cursor.next = load.from;
  const auto segment = next_segment(kind);
  if (!segment) {
    if (traits().poll_unlisted.count() > 0 && is_live()) cursor.look_at = after(traits().poll_unlisted);
    return;
  }
  const RequestPace& pace = traits().pace;
  const base::Duration first = kind == TrackKind::kVideo ? pace.first_video : pace.first_audio;
  cursor.choice =
      Choice{.segment = *segment, .rendition = load.rendition, .call = cursor.asked ? after(load.pause) : now_ + first, .kept = load.kept};
}

// With the rendition that the engine starts with.
void PlayerSession::Impl::start_source() {
  selected_ = static_cast<std::uint32_t>(engine_->start_rendition(*this));
  changing_source().select(selected_, now_);
}

// Returns: whether the segments of this video rendition are known; if not, its playlist is asked for. A switch leaves the old variant's
// playlist alone.
bool PlayerSession::Impl::select(std::size_t rendition, base::Duration pause) {
  rendition = std::min(rendition, ladder().size() - 1);
  if (rendition != selected_) {
    abandon(Slot::kVideoPlaylist);
    selected_ = static_cast<std::uint32_t>(rendition);
    changing_source();
  }
  source_->select(rendition, now_);
  if (source_->track(TrackKind::kVideo) != nullptr) return true;
  if (pause.count() > 0 && may_start(Slot::kVideoPlaylist)) wait_until(Slot::kVideoPlaylist, after(pause) + traits().pace.call_to_wire);
  plan_listing(Slot::kVideoPlaylist);
  return source_->track(TrackKind::kVideo) != nullptr;
}

// The next segment that can be fetched; passes over gaps, which leave a hole in the buffer.
std::optional<Segment> PlayerSession::Impl::next_segment(TrackKind kind) {
  const Track* track = source_->track(kind);
  if (track == nullptr) return std::nullopt;
  base::Duration& next = cursors_[index_of(kind)].next;
  const bool fell_out = !source_->is_ended(kind) && next < source_->window_start(kind, now_) - 100ms;
  if (fell_out) {
    if (playback_.is_starving()) seek_to_start();
    if (!playback_.is_starving()) return std::nullopt;
  }
  const base::Duration clock = source_->clock(now_);
  const auto segment = track->fetchable_after(next, clock);
  if (segment)
    next = std::max(next, segment->start);
  else if (track->after(next, clock))
    next = track->end(clock);  // gaps up to the end
  if (!segment && source_->is_ended(kind) && !track->after(next)) {
    if (!playback_.has_received_media())
      finish(Ending::kFailed, "the stream lists nothing that can be played (" + *config_.manifest_url + ")");
    playback_.complete(kind);
  }
  return segment;
}

// Makes the requests of the track's choice, as far as they may be made.
void PlayerSession::Impl::pursue(TrackKind kind) {
  Cursor& cursor = cursors_[index_of(kind)];
  const Track* track = source_->track(kind);
  if (track == nullptr) return;
  const auto listed =
      track->numbered(cursor.choice->segment.number, cursor.choice->segment.start);  // the listing may have been replaced meanwhile
  if (!listed) return cursor.choice.reset();
  cursor.choice->segment = *listed;
  cursor.asked = true;
  if (!is_init_here(kind, *track, *cursor.choice) && !traits().init_beside_segment) return;
  if (is_over() || !may_start(slot_for(kind))) return;
  const Choice choice = *std::exchange(cursor.choice, {});
  ask_segment(kind, *track, choice);
}

// The init that the choice needs is asked for unless it is here or on its way.
bool PlayerSession::Impl::is_init_here(TrackKind kind, const Track& track, const Choice& choice) {
  const auto& init = track.init(choice.segment);
  if (!init) return true;
  base::SharedText url = source_->init_url(kind, choice.segment);
  const std::size_t key = init_key(kind, url, init->range);
  if (std::find(inits_.begin(), inits_.end(), key) != inits_.end()) return true;
  const Slot slot = init_slot_for(kind);
  if (flight_on(slot) && flight_on(slot)->init_key != key) abandon(slot);
  if (!may_start(slot)) return false;
  Fetch fetch;
  fetch.kind = RequestKind::kInit;
  fetch.url = std::move(url);
  ask_for_range(fetch, init->range);
  Flight flight;
  flight.init_key = key;
  flight.download = {.track = kind, .init = true, .rendition = choice.rendition, .asked = choice.call, .latest = choice.call};
  ask(slot, std::move(fetch), std::move(flight), choice.call + traits().pace.call_to_wire);
  return false;
}

bool PlayerSession::Impl::has_inits(TrackKind kind) const {
  return std::any_of(inits_.begin(), inits_.end(), [kind](std::size_t key) { return is_of(kind, key); });
}

void PlayerSession::Impl::keep_init(TrackKind kind, std::size_t key) {
  if (traits().keeps_one_init) std::erase_if(inits_, [kind](std::size_t other) { return is_of(kind, other); });
  base::tight(inits_).push_back(key);
}

void PlayerSession::Impl::ask_segment(TrackKind kind, const Track& track, const Choice& choice) {
  Fetch fetch;
  fetch.kind = kind == TrackKind::kVideo ? RequestKind::kVideo : RequestKind::kAudio;
  fetch.url = source_->segment_url(kind, choice.segment);
  fetch.progress_every = traits().progress_every;
  ask_for_range(fetch, track.range(choice.segment));
  Flight flight;
  flight.segment = choice.segment;
  flight.kept = choice.kept;
  const base::Instant call = std::max(choice.call, now_);
  flight.download = {.track = kind,
                     .rendition = choice.rendition,
                     .start = choice.segment.start,
                     .duration = choice.segment.duration,
                     .asked = call,
                     .latest = call,
                     .rate = kind == TrackKind::kVideo ? ladder()[choice.rendition].peak : base::Bitrate{}};
  if (kind == TrackKind::kVideo) note_switch(choice.rendition);
  ask(slot_for(kind), std::move(fetch), std::move(flight), call + traits().pace.call_to_wire);
}

void PlayerSession::Impl::note_switch(std::size_t rendition) {
  if (last_asked_ && *last_asked_ != rendition) {
    ++counts_.switches;
    say(RenditionSwitched{.from = ladder()[std::min<std::size_t>(*last_asked_, ladder().size() - 1)].peak, .to = ladder()[rendition].peak});
  }
  last_asked_ = static_cast<std::uint32_t>(rendition);
}

// Whatever names a rendition by its number names the same one by its new number. What is still to be asked for is of the nearest where it
// is gone, as source_ has it.
void PlayerSession::Impl::follow_ladder() {
  const auto change = source_->take_ladder_change();
  if (!change) return;
  if (!change->keeps(selected_)) abandon(Slot::kVideoPlaylist);
  selected_ = static_cast<std::uint32_t>(change->nearest(selected_));
  if (last_asked_) last_asked_ = static_cast<std::uint32_t>(change->exact(*last_asked_));
  if (auto& choice = cursors_[index_of(TrackKind::kVideo)].choice) choice->rendition = change->nearest(choice->rendition);
  for (const Slot slot : {Slot::kVideoInit, Slot::kVideo})
    if (auto& flight = flight_on(slot)) flight->download.rendition = change->exact(flight->download.rendition);
  playback_.on_ladder(*change);
  engine_->on_ladder(*change, *this);
}

// The media of a whole segment.
MediaBuffer::Piece PlayerSession::Impl::piece_of(const Download& download) const {
  return {.start = download.start,
          .end = download.start + download.duration,
          .bitrate = download.rate,
          .rendition = std::min(download.rendition, ladder().size() - 1)};
}

// What a running download has brought so far can be played, if its init is here. Taken to be spread evenly over the segment's bytes.
void PlayerSession::Impl::grow(Slot slot, const Download& download, base::ByteCount received, Playback& playback) const {
  const bool media = slot == Slot::kVideo || slot == Slot::kAudio;
  if (received.count() == 0 || !media || !download.expected || download.expected->count() <= 0) return;
  if (flight_on(init_slot_for(download.track))) return;
  const double share = static_cast<double>(received.count()) / static_cast<double>(download.expected->count());
  MediaBuffer::Piece piece = piece_of(download);
  piece.end =
      piece.start + base::Duration{static_cast<std::int64_t>(static_cast<double>(download.duration.count()) * std::min(share, 1.0))};
  if (piece.end > piece.start) playback.receive(download.track, piece);
}

// Running downloads that the engine would rather not wait for.
void PlayerSession::Impl::reconsider() {
  for (const TrackKind kind : kTrackKinds) {
    const Slot slot = slot_for(kind);
    const auto& flight = flight_on(slot);
    if (!flight || flight->unsent || !engine_->gives_up(flight->download, *this)) continue;
    const Flight given_up = *flight;
    abandon(slot);
    report(given_up,
           {.id = given_up.id,
            .status = 0,
            .body = {},
            .bytes = given_up.download.received,
            .ttfb = {},
            .took = now_ - given_up.started,
            .retry_after = {}},
           kAborted);
    engine_->on_abort(given_up.download, *this);
  }
}

}  // namespace harness
