// PlayerSession::Impl: the state machine of one viewer. It owns the parts (source of listings, playback, throughput, ABR rule, token)
// and decides what to ask for next; each event ends with plan(), which starts whatever may now be started, lane by lane.
// session_requests.cc: what becomes of requests; session_plan.cc: what to ask for; player_session.cc: events, ending, totals.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/player/abr_rule.h"
#include "harness/player/playback.h"
#include "harness/player/player_session.h"
#include "harness/player/source.h"
#include "harness/player/throughput_estimator.h"
#include "harness/player/token_keeper.h"

namespace harness {

class PlayerSession::Impl {
 public:
  explicit Impl(PlayerConfig config);
  std::vector<Command> on(base::Instant now, const Event& event);
  PlayerStatus status(base::Instant now) const;
  PlayerTotals totals(base::Instant now) const;

 private:
  struct Flight {
    RequestId id{};
    RequestKind kind = RequestKind::kManifest;
    std::string url;
    base::Instant started;
    std::uint32_t token = 0;  // generation sent along
    std::size_t rendition = 0;
    Segment segment;           // kVideo, kAudio
    std::size_t init_key = 0;  // kInit
  };
  struct Lane {
    std::optional<Flight> flight;
    base::Instant blocked_until{};               // after a failure
    std::optional<base::Instant> failing_since;  // start of the first request that failed; until one succeeds
    int failures = 0;                            // in a row
    int refusals = 0;                            // 401 and 403 in a row with the newest token
    std::string complaint;                       // about the last failure, for the reason of the ending
  };
  struct Cursor {                    // of one track
    base::Duration next{};           // everything before it was received, skipped or is a gap
    std::vector<std::size_t> inits;  // fetched; keys
  };
  struct Failure {
    int status = 0;
    std::string what;
    std::optional<base::Duration> retry_after;
  };

  // player_session.cc
  void happen(const Begin&);
  void happen(const Progress&) {}
  void happen(const Answered& answer);
  void happen(const Broke& broke);
  void happen(const Woken&) { wake_set_.reset(); }
  void happen(const Stop&);
  void advance();
  void say(Telemetry what) { out_.push_back(Note{std::move(what)}); }
  void finish(Ending ending, std::string reason);
  bool is_over() const { return totals_.ending.has_value(); }
  void give_up_if_hopeless();
  void note_trouble(std::string what);
  void note_trouble_over();

  // session_requests.cc
  void ask(Slot slot, Fetch fetch, Flight flight);
  void abandon(Slot slot);
  std::optional<Slot> slot_of(RequestId id) const;
  void report(const Flight& flight, const Answered& answer, const std::string& failure);
  void succeeded(Slot slot, const Flight& flight, const Answered& answer);
  void failed(Slot slot, const Flight& flight, const Failure& failure);
  void refused(Slot slot, const Failure& failure);
  void listing_arrived(Slot slot, const Flight& flight, const Answered& answer);
  void media_arrived(Slot slot, const Flight& flight, const Answered& answer);
  void token_arrived(const Flight& flight, const Answered& answer);
  void apply(Slot slot, const Flight& flight, const Failure& failure);
  void skip(Slot slot, const Flight& flight);

  // session_plan.cc
  void plan();
  void plan_token();
  void plan_listing(Slot slot);
  void position_if_possible();
  void seek();
  void plan_media(TrackKind kind);
  void decide();
  std::optional<Segment> next_segment(TrackKind kind);
  void ask_segment(TrackKind kind, const Track& track, const Segment& segment);
  bool ask_init(TrackKind kind, const Track& track, const Segment& segment);
  void set_wake();
  std::optional<base::Instant> next_wake() const;
  std::optional<base::Instant> lane_wake(Slot slot) const;
  std::optional<base::Instant> media_wake(TrackKind kind) const;
  base::Duration buffer_goal() const;
  bool may_start(Slot slot) const;
  Lane& lane(Slot slot) { return lanes_[index_of(slot)]; }
  const Lane& lane(Slot slot) const { return lanes_[index_of(slot)]; }
  static Slot slot_for(TrackKind kind) { return kind == TrackKind::kVideo ? Slot::kVideo : Slot::kAudio; }

  PlayerConfig config_;
  Playback playback_;
  ThroughputEstimator throughput_;
  std::unique_ptr<AbrRule> rule_;
  TokenKeeper token_;
  std::unique_ptr<Source> source_;
  std::array<Lane, kSlots> lanes_;
  std::array<Cursor, 2> cursors_;
  AbrSnapshot snapshot_;
  bool decided_ = false;                   // the rendition of the next video segment
  std::optional<std::size_t> last_asked_;  // rendition of the last video segment asked for
  base::Instant now_{};
  std::optional<base::Instant> wake_set_;
  std::uint32_t last_id_ = 0;
  bool in_trouble_ = false;
  PlayerTotals totals_;  // the parts that playback does not keep
  std::vector<Command> out_;
  std::vector<Telemetry> said_;
};

}  // namespace harness
