#include "harness/player/playback.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace harness {

void Playback::begin(base::Instant now) {
  settled_ = false;
  now_ = began_ = now;
  state_ = PlayerState::kStarting;
}

void Playback::seek(base::Duration position, bool with_audio) {
  settled_ = false;
  account();
  for (TrackState& track : tracks_) track = {};
  pending_.clear();
  has_audio_ = with_audio;
  put_playhead(position);
  video_until_ = position;
  positioned_ = sought_ = true;
  ready_since_.reset();
}

void Playback::set_live(std::optional<base::Instant> zero, base::Duration delay) {
  settled_ = false;
  zero_ = zero;
  live_delay_ = delay;
}

void Playback::set_rate(double rate) {
  if (rate == rate_) return;
  rate_ = rate;
  pace_from_here();
}

void Playback::receive(TrackKind kind, const MediaBuffer::Piece& piece) {
  settled_ = false;
  received_media_ = true;
  pending_.push_back({.ready = now_ + traits_.element.append, .kind = kind, .piece = piece});
}

void Playback::drop_from(TrackKind kind, base::Duration position) {
  settled_ = false;
  position = std::max(position, playhead_);
  account();
  limit_.reset();
  TrackState& track = tracks_[index_of(kind)];
  track.buffer.drop_from(position);
  std::erase_if(pending_, [&](const Pending& each) { return each.kind == kind && each.piece.start >= position; });
  for (Pending& each : pending_)
    if (each.kind == kind) each.piece.end = std::min(each.piece.end, position);
  track.complete_at.reset();
}

void Playback::on_ladder(const LadderChange& change) {
  tracks_[index_of(TrackKind::kVideo)].buffer.on_ladder(change);
  for (Pending& each : pending_)
    if (each.kind == TrackKind::kVideo) each.piece.rendition = change.nearest(each.piece.rendition);
}

void Playback::complete(TrackKind kind) {
  settled_ = false;
  TrackState& track = tracks_[index_of(kind)];
  if (track.complete_at) return;
  limit_.reset();
  track.complete_at = received_end(kind);
}

void Playback::stop() {
  settled_ = false;
  book_wait();
  state_ = PlayerState::kEnded;
}

// Puts the wait that runs now on its account; a new one begins.
void Playback::book_wait() {
  const base::Duration time = now_ - std::exchange(wait_began_, now_);
  if (state_ == PlayerState::kStalled) stalled_ += time;
  if (state_ == PlayerState::kPaused) paused_ += time;
  if (!is_seeking()) return;
  seeking_ += time;
  seek_waited_ += time;
}

bool Playback::jump(base::Duration position, std::vector<Telemetry>& said) {
  settled_ = false;
  account();
  for (TrackState& track : tracks_) track.buffer.trim_before(playhead_ - traits_.back_buffer);
  limit_.reset();
  if (state_ == PlayerState::kStalled) end_stall(said);
  if (state_ != PlayerState::kPaused) book_wait();
  if (!std::exchange(seek_pending_, true)) said.push_back(SeekBegan{});
  const bool buffered = is_buffered_at(position);
  ready_since_.reset();
  if (!buffered) {
    if (state_ != PlayerState::kPaused) state_ = PlayerState::kStarting;
    return false;
  }
  put_playhead(position);
  end_seek(said);
  if (state_ != PlayerState::kPaused) state_ = PlayerState::kPlaying;
  return true;
}

// Every track has something to play there.
bool Playback::is_buffered_at(base::Duration position) const {
  const auto tracks = used();
  return std::all_of(tracks.begin(), tracks.end(),
                     [&](const TrackState& track) { return track.buffer.end_from(position) > position + traits_.element.runs_dry; });
}

void Playback::pause(std::vector<Telemetry>& said) {
  settled_ = false;
  if (state_ == PlayerState::kPaused) return;
  if (state_ == PlayerState::kStalled) end_stall(said);
  book_wait();
  state_ = PlayerState::kPaused;
  said.push_back(Paused{});
}

void Playback::unpause(std::vector<Telemetry>& said) {
  settled_ = false;
  if (state_ != PlayerState::kPaused) return;
  said.push_back(Resumed{.lasted = now_ - wait_began_});
  book_wait();
  state_ = seek_pending_ ? PlayerState::kStarting : PlayerState::kPlaying;
  pace_from_here();
  settle(said);
}

void Playback::end_stall(std::vector<Telemetry>& said) {
  said.push_back(StallEnded{.lasted = now_ - wait_began_});
  book_wait();
}

void Playback::end_seek(std::vector<Telemetry>& said) {
  said.push_back(SeekEnded{.lasted = std::exchange(seek_waited_, {})});
  seek_pending_ = false;
}

void Playback::advance(base::Instant now, std::vector<Telemetry>& said) {
  if (plays_on(now)) return;
  while (const auto ready = next_append()) {
    if (*ready > now) break;
    run_to(*ready, said);
    append_due();
    settle(said);
  }
  run_to(now, said);
  settle(said);
  settled_ = true;
}

bool Playback::plays_on(base::Instant now) {
  if (is_settled(now)) return true;
  if (state_ != PlayerState::kPlaying || now <= now_ || now_ < sets_off_at_) return false;
  if (const auto enough = watch_until(); enough && now >= *enough) return false;
  if (playhead_at(now) >= limit()) return false;  // what is appended on the way does not lower it
  for (auto ready = next_append(); ready && *ready <= now; ready = next_append()) {
    if (*ready > now_) play(*ready - now_);
    append_due();
  }
  if (now > now_) play(now - now_);
  return settled_ = playhead_ < limit();
}

base::Instant Playback::plays_on_until() const {
  if (!is_moving()) return {};
  return std::min(now_ + time_to(std::min(limit(), limit_holds_to_)), watch_until().value_or(base::Instant::max()));
}

std::optional<base::Instant> Playback::next_append() const {
  std::optional<base::Instant> earliest;
  if (state_ == PlayerState::kEnded) return earliest;
  for (const Pending& each : pending_)
    if (!earliest || each.ready < *earliest) earliest = each.ready;
  return earliest;
}

void Playback::append_due() {
  for (const Pending& each : pending_) {
    if (each.ready > now_) continue;
    account();
    limit_.reset();
    MediaBuffer& buffer = tracks_[index_of(each.kind)].buffer;
    traits_.overwrites ? buffer.overwrite(each.piece) : buffer.append(each.piece);
  }
  std::erase_if(pending_, [this](const Pending& each) { return each.ready <= now_; });
  if (pending_.empty()) pending_.shrink_to_fit();  // for most of the time there is none
}

void Playback::run_to(base::Instant until, std::vector<Telemetry>& said) {
  while (now_ < until && state_ != PlayerState::kEnded) {
    const auto enough = watch_until();
    const base::Instant stop_at = enough ? std::min(until, *enough) : until;
    if (enough && now_ >= *enough) {
      settle(said);
    } else if (state_ == PlayerState::kPlaying && now_ < sets_off_at_) {
      stand(std::min(stop_at, sets_off_at_) - now_);
    } else if (state_ == PlayerState::kPlaying) {
      const base::Duration time = std::min<base::Duration>(stop_at - now_, time_to(limit()));
      if (time.count() > 0) play(time);
      if (now_ < until) settle(said);
    } else {
      const auto may_play = may_play_at();
      now_ = may_play && *may_play < stop_at ? std::max(now_, *may_play) : stop_at;
      if (may_play && *may_play <= now_) resume(said);
    }
  }
}

// The least after which the playhead is there.
base::Duration Playback::time_to(base::Duration position) const {
  if (position <= playhead_) return {};
  if (rate_ == 1) return position - playhead_;
  const base::Duration media = position - paced_from_;
  base::Duration time{static_cast<std::int64_t>(std::ceil(static_cast<double>(media.count()) / rate_))};
  while (media_in(time) < media) time += base::Duration{1};  // what was rounded
  while (media_in(time - base::Duration{1}) >= media) time -= base::Duration{1};
  return time - (now_ - paced_at_);
}

base::Duration Playback::playhead_at(base::Instant when) const {
  return rate_ == 1 ? playhead_ + (when - now_) : paced_from_ + media_in(when - paced_at_);
}

base::Duration Playback::media_in(base::Duration time) const {
  return base::Duration{static_cast<std::int64_t>(static_cast<double>(time.count()) * rate_)};
}

// At normal speed latency is constant while the playhead runs, so the samples of the seconds passed are all alike.
void Playback::sample_latency(base::Duration time) {
  const auto second = [](base::Duration d) { return std::chrono::duration_cast<std::chrono::seconds>(d); };
  const std::chrono::seconds first = second(played_) + std::chrono::seconds{1}, last = second(played_ + time);
  if (first > last) return;
  latency_samples_ += static_cast<std::uint32_t>((last - first).count() + 1);
  if (rate_ == 1) return latencies_.add((last - first).count() + 1, now_ - *zero_ - playhead_);
  for (auto at = first; at <= last; ++at) {
    const base::Instant when = now_ + (at - played_);
    latencies_.add(1, when - *zero_ - playhead_at(when));
  }
}

void Playback::play(base::Duration time) {
  if (zero_ && live_delay_) sample_latency(time);
  playhead_ = playhead_at(now_ + time);
  now_ += time;
  played_ += time;
  if (!limit_ || playhead_ >= limit_holds_to_) account();
}

// For what was played since the last time, before the buffers change or the playhead is elsewhere: between two of them and within the
// media at the first one there is nothing to see by it.
void Playback::account() {
  if (accounted_to_ == playhead_) return;
  const MediaBuffer& video = tracks_[index_of(TrackKind::kVideo)].buffer;
  if (const base::Duration end = video.end_from(accounted_to_); end > accounted_to_) video_until_ = end;
  video.count_bits(accounted_to_, playhead_, bits_);
  accounted_to_ = playhead_;
  for (TrackState& track : tracks_) track.buffer.drop_before(playhead_ - traits_.back_buffer);
}

// It goes there without playing.
void Playback::put_playhead(base::Duration position) {
  account();
  playhead_ = accounted_to_ = position;
  limit_.reset();
  pace_from_here();
}

// It says that it plays, but the playhead does not move yet.
void Playback::stand(base::Duration time) {
  now_ += time;
  played_ += time;
  pace_from_here();
}

// Brings the state in line with what is buffered at this instant.
void Playback::settle(std::vector<Telemetry>& said) {
  if (const auto enough = watch_until(); enough && now_ >= *enough && state_ != PlayerState::kEnded) {
    watched_enough_ = true;
    stop();
  } else if (state_ == PlayerState::kPlaying) {
    if (playhead_ >= limit()) ran_dry(said);
  } else if (is_starving() || seek_pending_) {
    note_readiness();
    const auto may_play = may_play_at();
    if (may_play && *may_play <= now_) resume(said);
  }
}

void Playback::ran_dry(std::vector<Telemetry>& said) {
  if (is_all_complete()) return stop();
  wait_began_ = now_;
  sought_ = false;
  ready_since_.reset();
  state_ = PlayerState::kStalled;
  note_readiness();
  const auto hole_ends = ready_since_ ? may_play_at() : std::nullopt;
  if (hole_ends && *hole_ends - traits_.element.resume <= now_) {  // a hole with media behind it: no time passes
    put_playhead(*entry_point());
    state_ = PlayerState::kPlaying;
    return;
  }
  ++stalls_;
  said.push_back(StallBegan{});
}

void Playback::resume(std::vector<Telemetry>& said) {
  put_playhead(*entry_point());
  if (!has_started()) {
    startup_time_ = now_ - began_;
    sets_off_at_ = now_ + traits_.element.sets_off;
    said.push_back(StartupDone{.startup_time = *startup_time_});
  } else if (state_ == PlayerState::kStarting) {
    book_wait();
    end_seek(said);
  } else {
    end_stall(said);
  }
  state_ = PlayerState::kPlaying;
  ready_since_.reset();
  if (playhead_ >= limit()) ran_dry(said);
}

// How far the playhead may run: a track that is complete to its end holds nobody up.
base::Duration Playback::limit() const {
  if (!limit_ || playhead_ >= limit_holds_to_) limit_ = find_limit();
  return *limit_;
}

base::Duration Playback::find_limit() const {
  std::optional<base::Duration> held;
  base::Duration last{};
  limit_holds_to_ = base::Duration::max();
  for (const TrackState& track : used()) {
    const base::Duration end = track.buffer.end_from(playhead_);
    limit_holds_to_ = std::min(limit_holds_to_, end);
    if (track.is_complete_at(end))
      last = std::max(last, *track.complete_at);
    else
      held = std::min(held.value_or(base::Duration::max()), runs_dry_at(track, end));
  }
  return held ? *held : std::max(last, playhead_);
}

// Where a track whose media at the playhead ends at `end` makes the element stall.
base::Duration Playback::runs_dry_at(const TrackState& track, base::Duration end) const {
  const bool may_lag = &track == &tracks_[index_of(TrackKind::kVideo)] && has_audio_;
  if (!may_lag || traits_.element.without_video.count() == 0) return end - traits_.element.runs_dry;
  return (end > playhead_ ? end : video_until_) - traits_.element.runs_dry + traits_.element.without_video;
}

bool Playback::is_all_complete() const {
  const auto tracks = used();
  return std::all_of(tracks.begin(), tracks.end(), [this](const TrackState& track) { return track.is_complete_at(playhead_); });
}

std::optional<base::Duration> Playback::entry_point() const {
  base::Duration position = playhead_;
  for (bool moved = true; moved;) {
    moved = false;
    for (const TrackState& track : used()) {
      if (track.is_complete_at(position)) continue;
      auto next = track.buffer.next_from(position);
      if (!next) return std::nullopt;
      const base::Duration end = track.buffer.end_from(*next);
      const auto behind = end - *next <= traits_.element.runs_dry ? track.buffer.next_from(end) : std::nullopt;
      if (behind) next = behind;  // what is left before the hole is too little to play
      moved = moved || *next > position;
      position = *next;
    }
  }
  return position;
}

// Media behind holes counts: they will be passed. One segment between two of them is often less than a player asks for.
bool Playback::has_enough_at(base::Duration position) const {
  const MediaElement& element = traits_.element;
  const base::Duration needed = std::max(state_ == PlayerState::kStalled ? element.resume_buffer : element.start_buffer, element.runs_dry);
  const auto tracks = used();
  return std::all_of(tracks.begin(), tracks.end(), [&](const TrackState& track) {
    const base::Duration end = track.buffer.end_from(position);
    return track.is_complete_at(end) || (end > position + element.runs_dry && track.buffer.ahead_of(position) >= needed);
  });
}

// When play may start or go on with what is appended now. Over a hole in a live stream the stall lasts as long as the hole, so that
// the distance to the live edge is again what it was; but no longer than the live delay once the media is there.
std::optional<base::Instant> Playback::may_play_at() const {
  if (!ready_since_ || !is_starving()) return std::nullopt;
  const base::Instant ready = *ready_since_ + (state_ == PlayerState::kStarting ? traits_.element.start : traits_.element.resume);
  const base::Duration hole = *entry_point() - playhead_;
  if (state_ != PlayerState::kStalled || !live_delay_ || traits_.jumps_holes || sought_ || hole.count() <= 0) return ready;
  return std::min(wait_began_ + hole, *ready_since_ + *live_delay_);
}

void Playback::note_readiness() {
  if (ready_since_ || !positioned_) return;
  const auto entry = entry_point();
  if (entry && has_enough_at(*entry)) ready_since_ = now_;
}

base::Duration Playback::level(TrackKind kind) const {
  const TrackState& track = tracks_[index_of(kind)];
  base::Duration level = track.buffer.ahead_of(playhead_);
  base::Duration covered = track.buffer.end();
  for (const Pending& each : pending_) {
    if (each.kind != kind) continue;
    level += std::max<base::Duration>(each.piece.end - std::max({each.piece.start, playhead_, covered}), base::Duration{});
    covered = std::max(covered, each.piece.end);
  }
  return level;
}

std::optional<base::Instant> Playback::watch_until() const {
  return has_started() && watch_ ? std::optional{started_at() + *watch_} : std::nullopt;
}

std::optional<base::Duration> Playback::latency() const {
  if (!zero_ || !live_delay_) return std::nullopt;
  return now_ - *zero_ - playhead_;
}

base::Duration Playback::received_end(TrackKind kind) const {
  const TrackState& track = tracks_[index_of(kind)];
  base::Duration end = std::max(track.buffer.end(), playhead_);
  for (const Pending& each : pending_)
    if (each.kind == kind) end = std::max(end, each.piece.end);
  return end;
}

std::optional<std::size_t> Playback::rendition_at(base::Duration position) const {
  for (auto each = pending_.rbegin(); each != pending_.rend(); ++each) {
    const bool is_there = each->kind == TrackKind::kVideo && each->piece.start <= position && position < each->piece.end;
    if (is_there) return each->piece.rendition;
  }
  return tracks_[index_of(TrackKind::kVideo)].buffer.rendition_at(position);
}

base::Duration Playback::playable() const {
  if (!positioned_ || state_ == PlayerState::kIdle) return {};
  base::Duration least = kForever;
  for (const TrackState& track : used()) {
    const base::Duration end = track.buffer.end_from(playhead_);
    if (!track.is_complete_at(end)) least = std::min(least, end - playhead_);
  }
  return least == kForever ? limit() - playhead_ : least;
}

std::optional<Playback::Sight> Playback::sight_at(base::Instant now) const {
  if (now < now_ || is_appending() || now >= plays_on_until()) return std::nullopt;
  const base::Duration played = playhead_at(now) - playhead_;  // within the media that is at the playhead now
  return Sight{.playable = playable() - played, .bitrate = tracks_[0].buffer.bitrate_at(playhead_ + played)};
}

std::optional<base::Instant> Playback::next_change() const {
  std::optional<base::Instant> next;
  const auto earlier = [&next](std::optional<base::Instant> when) {
    if (when && (!next || *when < *next)) next = when;
  };
  if (state_ == PlayerState::kIdle || state_ == PlayerState::kEnded) return next;
  earlier(watch_until());
  if (state_ == PlayerState::kPlaying) {
    earlier(std::max(now_, sets_off_at_) + time_to(limit()));
  } else {
    earlier(next_append());
    earlier(may_play_at());
  }
  return next;
}

void Playback::add_to(PlayerTotals& totals) const {
  totals.began = began_;
  totals.startup_time = startup_time_;
  totals.played = played_;
  const base::Duration wait = now_ - wait_began_;
  totals.stalled = stalled_ + (state_ == PlayerState::kStalled ? wait : base::Duration{});
  totals.seeking = seeking_ + (is_seeking() ? wait : base::Duration{});
  totals.paused = paused_ + (state_ == PlayerState::kPaused ? wait : base::Duration{});
  totals.stalls = stalls_;
  WeightedTime bits = bits_;
  tracks_[index_of(TrackKind::kVideo)].buffer.count_bits(accounted_to_, playhead_, bits);
  totals.bitrate_seconds = bits.seconds();
  totals.latency_seconds_sum = latencies_.seconds();
  totals.latency_samples = latency_samples_;
}

}  // namespace harness
