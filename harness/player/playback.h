// Playback: the buffers and the playhead of one viewer, from pressing play to the end. Exact: a stall begins at the instant the
// media runs out, not when somebody looks. Pure; time only goes forward.
//
//   state     | leaves when                                                           | to
//   kIdle     | begin()                                                               | kStarting
//   kStarting | every track has start_buffer at the entry point, or its end           | kPlaying, element.start later
//   kPlaying  | a track has no more than element.runs_dry ahead of the playhead       | kStalled
//             |   (video alone: element.without_video later)                          |
//             | every track is complete and played                                    | kEnded
//   kStalled  | every track has resume_buffer at the entry point, or its end          | kPlaying, element.resume later
//   kPlaying, | jump() to what is not buffered: the wait for it is seeking time       | kStarting
//   kStalled  | pause()                                                               | kPaused
//   kPaused   | unpause()                                                             | kPlaying, kStalled, kStarting after a jump
//   any       | the viewer has watched enough (wall time from the first frame)        | kEnded
//
// The entry point is the playhead or, when a hole lies there, the first position behind it that every track has.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "base/compact_optional.h"
#include "harness/engine/traits.h"
#include "harness/player/events.h"
#include "harness/player/media_buffer.h"
#include "harness/player/player_session.h"
#include "harness/player/track.h"
#include "harness/player/weighted_time.h"

namespace harness {

class Playback {
 public:
  // Of the traits: element, overwrites, jumps_holes and back_buffer. They must outlive the playback. `watch`: as in PlayerConfig.
  Playback(const EngineTraits& traits, std::optional<base::Duration> watch) : traits_{traits}, watch_{watch} {}

  void begin(base::Instant now);
  // The first position, or a new one after falling out of the live window. Forgets what is buffered.
  void seek(base::Duration position, bool with_audio);
  // The viewer wants to see `position`. True: it is buffered, and play goes on there at once. False: seek() must follow, and the wait
  // until play goes on is the seek's. Requires: has_started().
  bool jump(base::Duration position, std::vector<Telemetry>& said);
  // Nothing plays, and no time of it counts as played or stalled, until unpause(). Requires: has_started().
  void pause(std::vector<Telemetry>& said);
  void unpause(std::vector<Telemetry>& said);
  // Live: presentation time 0 in the timeline's time, and how far behind the edge the player means to be.
  void set_live(std::optional<base::Instant> zero, base::Duration delay);
  // 1: normal speed. From the instant advanced to.
  void set_rate(double rate);
  // Media has arrived at the instant advanced to: a whole segment or, again and again, the part of it that is here. It becomes playable
  // element.append later.
  void receive(TrackKind kind, const MediaBuffer::Piece& piece);
  // Forgets what was received of the track from `position` on, but nothing before the playhead.
  void drop_from(TrackKind kind, base::Duration position);
  // The renditions received have other numbers from now on.
  void on_ladder(const LadderChange& change);
  // Nothing follows what was received.
  void complete(TrackKind kind);
  // Says what happened on the way: StartupDone, StallBegan, StallEnded, SeekEnded.
  void advance(base::Instant now, std::vector<Telemetry>& said);
  // The same where nothing comes of it but play, which is what mostly happens, or nothing at all. Returns: whether that is so, or else
  // nothing is done.
  bool plays_on(base::Instant now);
  // It does at any instant before then, if nothing comes meanwhile.
  base::Instant plays_on_until() const;
  void stop();

  const EngineTraits& traits() const { return traits_; }
  // advance() to that instant would change nothing.
  bool is_settled(base::Instant now) const { return settled_ && now <= now_; }
  PlayerState state() const { return state_; }
  base::Instant now() const { return now_; }
  base::Instant began() const { return began_; }
  // The playhead moves.
  bool is_moving() const { return state_ == PlayerState::kPlaying && now_ >= sets_off_at_; }
  bool has_watched_enough() const { return watched_enough_; }
  bool is_positioned() const { return positioned_; }
  bool has_started() const { return startup_time_.has_value(); }
  // The first frame. Requires: has_started().
  base::Instant started_at() const { return began_ + *startup_time_; }
  // Waiting for the first frame after a seek, and not paused.
  bool is_seeking() const { return state_ == PlayerState::kStarting && has_started(); }
  bool is_starving() const { return state_ == PlayerState::kStarting || state_ == PlayerState::kStalled; }
  base::Duration playhead() const { return playhead_; }
  // Media beyond the playhead, holes left out, what is being appended included.
  base::Duration level(TrackKind kind) const;
  // What has been received last is not in the buffers yet.
  bool is_appending() const { return !pending_.empty(); }
  bool has_received_media() const { return received_media_; }
  // The end of all that was received; the playhead when nothing was.
  base::Duration received_end(TrackKind kind) const;
  std::optional<std::size_t> rendition_at(base::Duration position) const;
  double rate() const { return state_ == PlayerState::kPlaying ? rate_ : 1; }
  std::optional<base::Duration> live_delay() const { return live_delay_; }
  std::optional<base::Duration> latency() const;
  // What every track has at the playhead.
  base::Duration playable() const;
  // That and bitrate() after advance() to that instant, where nothing comes of it but play and nothing is being appended; else nothing.
  struct Sight {
    base::Duration playable;
    base::Bitrate bitrate;
  };
  std::optional<Sight> sight_at(base::Instant now) const;
  base::Bitrate bitrate() const { return tracks_[0].buffer.bitrate_at(playhead_); }
  // How long it takes to play until there, if nothing keeps it from moving.
  base::Duration time_to(base::Duration position) const;
  // When something changes by itself.
  std::optional<base::Instant> next_change() const;
  // Fills in the playback's part of the totals.
  void add_to(PlayerTotals& totals) const;

 private:
  struct Pending {
    base::Instant ready;
    TrackKind kind;
    MediaBuffer::Piece piece;
  };
  struct TrackState {
    MediaBuffer buffer;
    base::CompactOptional<base::Duration> complete_at;
    bool is_complete_at(base::Duration position) const { return complete_at && position >= *complete_at; }
  };
  // Those that have to be played.
  std::span<const TrackState> used() const { return {tracks_.data(), positioned_ ? has_audio_ ? 2u : 1u : 0u}; }
  std::optional<base::Instant> next_append() const;
  void append_due();
  void run_to(base::Instant until, std::vector<Telemetry>& said);
  void sample_latency(base::Duration time);
  void play(base::Duration time);
  void account();
  void put_playhead(base::Duration position);
  void stand(base::Duration time);
  // Where the playhead is after moving until then. Requires: not before now_.
  base::Duration playhead_at(base::Instant when) const;
  base::Duration media_in(base::Duration time) const;
  // The present speed counts from here.
  void pace_from_here() { paced_at_ = now_, paced_from_ = playhead_; }
  bool is_buffered_at(base::Duration position) const;
  void book_wait();
  void end_stall(std::vector<Telemetry>& said);
  void end_seek(std::vector<Telemetry>& said);
  void note_readiness();
  void settle(std::vector<Telemetry>& said);
  void ran_dry(std::vector<Telemetry>& said);
  void resume(std::vector<Telemetry>& said);
  base::Duration limit() const;
  base::Duration find_limit() const;
  base::Duration runs_dry_at(const TrackState& track, base::Duration end) const;
  bool is_all_complete() const;
  std::optional<base::Duration> entry_point() const;
  bool has_enough_at(base::Duration position) const;
  std::optional<base::Instant> may_play_at() const;
  std::optional<base::Instant> watch_until() const;

  const EngineTraits& traits_;
  base::CompactOptional<base::Duration> watch_;
  PlayerState state_ = PlayerState::kIdle;
  bool settled_ = false;  // at now_: nothing has come since
  bool positioned_ = false, watched_enough_ = false, received_media_ = false;
  bool sought_ = false;        // since the stall began: the new position is not behind a hole
  bool seek_pending_ = false;  // play has not gone on since a jump; it may be paused meanwhile
  bool has_audio_ = false;
  std::array<TrackState, 2> tracks_;
  std::vector<Pending> pending_;  // to be appended, in the order in which it came
  // Once found, and until where the playhead may be; nothing when the buffers or the place in them are others.
  mutable base::CompactOptional<base::Duration> limit_;
  mutable base::Duration limit_holds_to_{};
  base::Instant now_{}, began_{};
  base::Duration playhead_{}, accounted_to_{};  // account() was called with the playhead there
  base::Duration video_until_{};                // end of the video that is or was last at the playhead
  base::CompactOptional<base::Instant> zero_;
  base::CompactOptional<base::Duration> live_delay_;
  base::Instant wait_began_{};  // the running stall, wait for a seek or pause
  base::Instant sets_off_at_{};
  base::CompactOptional<base::Instant> ready_since_;  // while starting or stalled: enough is buffered
  double rate_ = 1;
  // At another speed than 1 the playhead is told from where that speed began, not from one step to the next: it does not matter into how
  // many steps a time is taken apart.
  base::Instant paced_at_{};
  base::Duration paced_from_{};
  base::Duration seek_waited_{};
  // totals
  base::CompactOptional<base::Duration> startup_time_;
  base::Duration played_{}, stalled_{}, seeking_{}, paused_{};
  std::uint32_t stalls_ = 0, latency_samples_ = 0;
  WeightedTime bits_, latencies_;
};

}  // namespace harness
