#include <algorithm>
#include <functional>

#include "harness/player/retry_policy.h"
#include "harness/player/session.h"

namespace harness {
namespace {

std::size_t key_of(const std::string& url, const std::optional<media::ByteRange>& range) {
  const std::size_t place = range ? std::hash<std::int64_t>{}(range->offset * 31 + range->length) : 0;
  return std::hash<std::string>{}(url) ^ place;
}

void ask_for_range(Fetch& fetch, const std::optional<media::ByteRange>& range) {
  if (!range || range->length <= 0) return;
  fetch.headers.emplace_back("Range", "bytes=" + std::to_string(range->offset) + "-" + std::to_string(range->offset + range->length - 1));
}

}  // namespace

void PlayerSession::Impl::plan() {
  plan_token();
  if (is_over() || !token_.is_usable()) return;
  for (const Slot slot : kListingSlots) plan_listing(slot);
  if (!playback_.is_positioned()) position_if_possible();
  if (!playback_.is_positioned()) return;
  for (const TrackKind kind : kTrackKinds) {
    if (!is_over()) plan_media(kind);
  }
}

bool PlayerSession::Impl::may_start(Slot slot) const { return !lane(slot).flight && lane(slot).blocked_until <= now_; }

void PlayerSession::Impl::plan_token() {
  const auto due = token_.due();
  if (!due || *due > now_ || !may_start(Slot::kToken)) return;
  ask(Slot::kToken, token_.request(*config_.token), {});
}

void PlayerSession::Impl::plan_listing(Slot slot) {
  const auto due = source_->due(slot);
  if (!due || *due > now_ || !may_start(slot)) return;
  Fetch fetch;
  fetch.kind = slot == Slot::kManifest ? RequestKind::kManifest : RequestKind::kPlaylist;
  fetch.url = source_->url(slot);
  fetch.keep_body = true;
  ask(slot, std::move(fetch), {});
}

void PlayerSession::Impl::position_if_possible() {
  if (source_->ladder().empty() || source_->track(TrackKind::kVideo) == nullptr) return;
  if (source_->has_audio() && source_->track(TrackKind::kAudio) == nullptr) return;
  seek();
}

void PlayerSession::Impl::seek() {
  abandon(Slot::kVideo);
  abandon(Slot::kAudio);
  const base::Duration position = source_->start_position(now_);
  for (Cursor& cursor : cursors_) cursor.next = position;
  playback_.seek(position, source_->has_audio());
  if (source_->is_ended(TrackKind::kVideo)) return;
  std::optional<base::Instant> zero;
  if (source_->zero()) zero = config_.wall.instant_at(*source_->zero());
  playback_.set_live(zero, source_->live_delay());
}

base::Duration PlayerSession::Impl::buffer_goal() const {
  return std::max({config_.device.buffer_target, config_.device.start_buffer, config_.device.resume_buffer});
}

void PlayerSession::Impl::plan_media(TrackKind kind) {
  if ((kind == TrackKind::kAudio && !source_->has_audio()) || !may_start(slot_for(kind))) return;
  if (playback_.level(kind) >= buffer_goal()) return;
  auto segment = next_segment(kind);
  if (!segment) return;
  if (kind == TrackKind::kVideo && !decided_) {
    decide();
    plan_listing(Slot::kVideoPlaylist);
    segment = next_segment(kind);
    if (!segment) return;
  }
  const Track& track = *source_->track(kind);
  if (!ask_init(kind, track, *segment)) ask_segment(kind, track, *segment);
}

// Chooses the rendition of the next video segment; a switch leaves the old variant's playlist alone.
void PlayerSession::Impl::decide() {
  if (source_->ladder().empty()) return;
  snapshot_.ladder = source_->ladder();
  snapshot_.current = std::min(snapshot_.current, snapshot_.ladder.size() - 1);
  snapshot_.first_choice = !throughput_.estimate();
  snapshot_.estimate = throughput_.estimate().value_or(source_->prior(config_.device.initial_estimate));
  snapshot_.buffer = playback_.level(TrackKind::kVideo);
  snapshot_.buffer_target = config_.device.buffer_target;
  const Track* track = source_->track(TrackKind::kVideo);
  snapshot_.segment_duration = track == nullptr ? base::Duration{} : track->longest_segment();
  const std::size_t choice = std::min(rule_->choose(snapshot_), snapshot_.ladder.size() - 1);
  decided_ = true;
  if (choice == snapshot_.current) return source_->select(choice, now_);
  abandon(Slot::kVideoPlaylist);
  snapshot_.current = choice;
  source_->select(choice, now_);
}

// The next segment that can be fetched; passes over gaps, which leave a hole in the buffer.
std::optional<Segment> PlayerSession::Impl::next_segment(TrackKind kind) {
  const Track* track = source_->track(kind);
  if (track == nullptr) return std::nullopt;
  base::Duration& next = cursors_[index_of(kind)].next;
  const bool fell_out = !source_->is_ended(kind) && next < source_->window_start(kind, now_) - std::chrono::milliseconds{100};
  if (fell_out) {
    if (playback_.is_starving()) seek();
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
      finish(Ending::kFailed, "the stream lists nothing that can be played (" + config_.manifest_url + ")");
    playback_.complete(kind);
  }
  return segment;
}

bool PlayerSession::Impl::ask_init(TrackKind kind, const Track& track, const Segment& segment) {
  const auto& init = track.init(segment);
  if (!init) return false;
  Fetch fetch;
  fetch.kind = RequestKind::kInit;
  fetch.url = source_->absolute(kind, init->uri);
  const std::size_t key = key_of(fetch.url, init->range);
  const auto& fetched = cursors_[index_of(kind)].inits;
  if (std::find(fetched.begin(), fetched.end(), key) != fetched.end()) return false;
  ask_for_range(fetch, init->range);
  Flight flight;
  flight.init_key = key;
  ask(slot_for(kind), std::move(fetch), std::move(flight));
  return true;
}

void PlayerSession::Impl::ask_segment(TrackKind kind, const Track& track, const Segment& segment) {
  const Address address = track.address(segment);
  Fetch fetch;
  fetch.kind = kind == TrackKind::kVideo ? RequestKind::kVideo : RequestKind::kAudio;
  fetch.url = source_->absolute(kind, address.uri);
  ask_for_range(fetch, address.range);
  Flight flight;
  flight.segment = segment;
  flight.rendition = kind == TrackKind::kVideo ? snapshot_.current : 0;
  if (kind == TrackKind::kVideo && last_asked_ && *last_asked_ != flight.rendition) {
    ++totals_.switches;
    say(RenditionSwitched{.from = snapshot_.ladder[std::min(*last_asked_, snapshot_.ladder.size() - 1)],
                          .to = snapshot_.ladder[flight.rendition]});
  }
  if (kind == TrackKind::kVideo) last_asked_ = flight.rendition;
  ask(slot_for(kind), std::move(fetch), std::move(flight));
}

void PlayerSession::Impl::set_wake() {
  if (is_over()) return;
  const auto wake = next_wake();
  if (!wake || wake == wake_set_) return;
  wake_set_ = wake;
  out_.push_back(WakeAt{*wake});
}

// The earliest instant after now at which something may be done without an answer.
std::optional<base::Instant> PlayerSession::Impl::next_wake() const {
  std::optional<base::Instant> wake;
  const auto earlier = [&](std::optional<base::Instant> when) {
    if (when && *when > now_ && (!wake || *when < *wake)) wake = when;
  };
  earlier(playback_.next_change());
  if (!lane(Slot::kToken).flight) earlier(token_.due());
  for (std::size_t i = 0; i < kSlots; ++i) earlier(lane_wake(static_cast<Slot>(i)));
  for (const Slot slot : kListingSlots) {
    if (!lane(slot).flight) earlier(source_->due(slot));
  }
  for (const TrackKind kind : kTrackKinds) earlier(media_wake(kind));
  return wake;
}

// After a pause for a failure, or to give up.
std::optional<base::Instant> PlayerSession::Impl::lane_wake(Slot slot) const {
  const Lane& each = lane(slot);
  std::optional<base::Instant> wake;
  if (!each.flight && each.blocked_until > now_) wake = each.blocked_until;
  if (!each.failing_since || !playback_.is_starving()) return wake;
  const base::Instant give_up = *each.failing_since + kGiveUpAfter;
  return wake ? std::min(*wake, give_up) : give_up;
}

// When the buffer will have drained to its goal, or the next segment of a timeline by the clock will exist.
std::optional<base::Instant> PlayerSession::Impl::media_wake(TrackKind kind) const {
  if (!playback_.is_positioned() || lane(slot_for(kind)).flight || (kind == TrackKind::kAudio && !source_->has_audio()))
    return std::nullopt;
  const Track* track = source_->track(kind);
  if (track == nullptr) return std::nullopt;
  const base::Duration level = playback_.level(kind);
  if (level >= buffer_goal()) {
    if (playback_.state() != PlayerState::kPlaying) return std::nullopt;
    return now_ + std::max<base::Duration>(level - buffer_goal(), std::chrono::milliseconds{1});
  }
  if (!track->is_by_clock()) return std::nullopt;
  const auto next = track->after(cursors_[index_of(kind)].next);
  if (!next) return std::nullopt;
  return now_ + std::max<base::Duration>(next->end() - source_->clock(now_), std::chrono::milliseconds{1});
}

}  // namespace harness
