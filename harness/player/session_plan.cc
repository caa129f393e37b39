#include <algorithm>

#include "harness/engine/retry_policy.h"
#include "harness/player/session.h"

namespace harness {

void PlayerSession::Impl::plan() {
  if (entry_) plan_entry();
  if (is_over() || entry_) return;
  plan_token();
  if (is_over() || !token_.is_usable()) return;
  send_due();
  if (listing_due() <= now_)
    for (const Slot slot : kListingSlots) plan_listing(slot);
  if (!playback_.is_positioned()) position_if_possible();
  if (!playback_.is_positioned()) return;
  if (const auto rendition = engine_->prepares(*this)) select(*rendition, {});
  for (const TrackKind kind : kTrackKinds) {
    if (!is_over()) plan_media(kind);
  }
}

bool PlayerSession::Impl::may_start(Slot slot) const { return !flight_on(slot) && not_before(slot) <= now_; }

// When the first of the listings is due: the end of time where none is.
base::Instant PlayerSession::Impl::listing_due() const {
  if (listing_due_) return *listing_due_;
  base::Instant first = base::Instant::max();
  for (const Slot slot : kListingSlots) {
    if (const auto due = source_->due(slot)) first = std::min(first, *due);
  }
  listing_due_ = first;
  return first;
}

bool PlayerSession::Impl::is_asking_for_listings() const {
  return std::any_of(kListingSlots.begin(), kListingSlots.end(), [this](Slot slot) { return flight_on(slot).has_value(); });
}

void PlayerSession::Impl::plan_token() {
  const auto due = token_.due();
  if (!due || *due > now_ || !may_start(Slot::kToken)) return;
  ask(Slot::kToken, token_.request(*config_.token), {}, now_);
}

void PlayerSession::Impl::plan_listing(Slot slot) {
  const auto due = source_->due(slot);
  if (!due || timer(*due) > now_ || !may_start(slot)) return;
  const bool waits = slot == Slot::kAudioPlaylist && traits().audio_playlist_last && source_->track(TrackKind::kVideo) == nullptr;
  if (waits && !playback_.is_positioned()) return;
  Fetch fetch;
  fetch.kind = slot == Slot::kManifest ? RequestKind::kManifest : slot == Slot::kClock ? RequestKind::kClock : RequestKind::kPlaylist;
  ListingRequest request = source_->request(slot);
  fetch.method = request.method;
  fetch.url = std::move(request.url);
  fetch.keep_body = true;
  ask_for_range(fetch, request.range);
  ask(slot, std::move(fetch), {}, now_);
}

void PlayerSession::Impl::position_if_possible() {
  if (source_->ladder().empty() || source_->track(TrackKind::kVideo) == nullptr) return;
  const bool live = !source_->is_ended(TrackKind::kVideo);  // its tracks have to be laid beside each other first
  const bool waits = live && source_->has_audio() && !traits().starts_by_video && !traits().audio_playlist_last;
  if (waits && source_->track(TrackKind::kAudio) == nullptr) return;
  seek_to_start();
}

// The position to start from, or to go on from after falling out of the live window.
void PlayerSession::Impl::seek_to_start() {
  base::Duration position = source_->start_position(now_);
  if (traits().starts_on_segment && !source_->is_ended(TrackKind::kVideo))
    position = segment_start(TrackKind::kVideo, position).value_or(position);
  load_from(position);
  if (source_->is_ended(TrackKind::kVideo)) return;
  std::optional<base::Instant> zero;
  if (source_->zero()) zero = config_.wall.instant_at(*source_->zero());
  playback_.set_live(zero, source_->live_delay());
}

void PlayerSession::Impl::load_from(base::Duration position) {
  for (const Slot slot : {Slot::kVideo, Slot::kAudio, Slot::kVideoInit, Slot::kAudioInit}) abandon(slot);
  for (Cursor& cursor : cursors_) {
    cursor.next = position;
    cursor.choice.reset();
  }
  playback_.seek(position, source_->has_audio());
}

void PlayerSession::Impl::set_wake() {
  if (is_over()) return;
  const base::Instant leaves = first_leaves();
  const auto other = next_wake();
  const auto wake = leaves < other.value_or(base::Instant::max()) ? std::optional{leaves} : other;
  wakes_to_send_ = wake != other;
  if (!wake || wake == wake_set_) return;
  wake_set_ = wake;
  tell(WakeAt{*wake});
}

// When the first of the requests that wait leaves, after now; the end of time: none does.
base::Instant PlayerSession::Impl::first_leaves() const {
  base::Instant first = base::Instant::max();
  if (first_unsent_ == first) return first;
  for (const auto& flight : flights_)
    if (flight && flight->unsent && flight->started > now_) first = std::min(first, flight->started);
  return first;
}

// The earliest instant after now at which something else may be done without an answer.
std::optional<base::Instant> PlayerSession::Impl::next_wake() const {
  base::Instant wake = base::Instant::max();
  const auto earlier = [&](base::Instant when) {
    if (when > now_ && when < wake) wake = when;
  };
  if (const auto change = playback_.next_change()) earlier(*change);
  if (const auto due = viewer_due()) earlier(*due);
  if (entry_) earlier(entry_->wake());
  if (!source_->ladder().empty())
    if (const auto look = engine_->wake(*this)) earlier(timer(*look));
  if (const auto due = token_.due(); due && !flight_on(Slot::kToken)) earlier(*due);
  for (std::size_t i = 0; i < kSlots; ++i) {
    if (flights_[i] || holds_) earlier(lane_wake(static_cast<Slot>(i)));
  }
  if (listing_due() > now_ && !is_asking_for_listings()) {
    if (listing_due() != base::Instant::max()) earlier(timer(listing_due()));
  } else {
    for (const Slot slot : kListingSlots) {
      if (const auto due = source_->due(slot); due && !flight_on(slot)) earlier(timer(*due));
    }
  }
  if (playback_.is_positioned())
    for (const TrackKind kind : kTrackKinds) earlier(media_wake(kind));
  return wake == base::Instant::max() ? std::nullopt : std::optional{wake};
}

// After a pause for a failure, or to give up; the end of time: not.
base::Instant PlayerSession::Impl::lane_wake(Slot slot) const {
  const base::Boxed<Flight>& flight = flight_on(slot);
  base::Instant wake = base::Instant::max();
  if (!flight && not_before(slot) > now_) wake = not_before(slot);
  if (const auto silent = silent_until(slot)) wake = *silent;
  const Difficulty* trouble = difficulty(slot);
  return trouble == nullptr || !playback_.is_starving() ? wake : std::min(wake, trouble->since + kGiveUpAfter);
}

// When the engine wants to be asked again, its choice is to be called for, or the next segment of a timeline by the clock will exist; the
// end of time: not. Requires: a position to load from is known.
base::Instant PlayerSession::Impl::media_wake(TrackKind kind) const {
  constexpr base::Instant kNever = base::Instant::max();
  if (flight_on(slot_for(kind)) || !has(kind)) return kNever;
  const Cursor& cursor = cursors_[index_of(kind)];
  if (cursor.choice) return cursor.choice->call;
  const Track* track = source_->track(kind);
  if (track == nullptr) return kNever;
  if (cursor.look_at != kNever) return cursor.look_at;
  const auto next = track->is_by_clock() ? track->after(cursor.next) : std::nullopt;
  if (!next || source_->clock(now_) >= next->end()) return kNever;
  return now_ + std::max<base::Duration>(next->end() - source_->clock(now_), std::chrono::milliseconds{1});
}

}  // namespace harness
