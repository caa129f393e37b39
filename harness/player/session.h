// PlayerSession::Impl: the state machine of one viewer. It owns the parts (source of listings, playback, engine, token), asks the engine
// what to load, and does it; each event ends with plan(), which starts whatever may now be started, lane by lane.
// session_entry.cc: what comes before the manifest; session_requests.cc: what becomes of requests; session_plan.cc: listings, tokens,
// positions and wake-ups; session_media.cc: what the engine wants loaded; session_viewer.cc: what the viewer does; session_view.cc: what
// the engine sees; player_session.cc: events,
// ending, totals.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/boxed.h"
#include "base/compact_optional.h"
#include "harness/engine/engine.h"
#include "harness/player/playback.h"
#include "harness/player/player_session.h"
#include "harness/player/source.h"
#include "harness/player/token_keeper.h"

namespace harness {

// An engine is not asked again sooner by itself.
inline constexpr base::Duration kSoonestLook = std::chrono::milliseconds{1};

class PlayerSession::Impl final : private PlayerView {
 public:
  explicit Impl(PlayerConfig config);
  void on(base::Instant now, const Event& event, std::vector<Command>& out);
  void on_late(base::Instant at, const Progress& progress);
  PlayerStatus status(base::Instant now) const;
  PlayerTotals totals(base::Instant now) const;
  std::optional<base::Instant> stays_until(base::Instant now) const;
  Heed progress_wanted(RequestId id) const;
  base::Instant notes_until() const;
  bool has_http_cache() const { return traits().http_cache; }

 private:
  struct Flight {
    RequestId id{};
    RequestKind kind = RequestKind::kManifest;
    base::SharedText url;
    base::Instant started;      // on the wire; in the future while `unsent`
    base::Boxed<Fetch> unsent;  // waits for that instant
    base::Instant heard;        // of it, last: sent, or a further byte
    std::uint32_t token = 0;    // generation sent along
    Segment segment;            // kVideo, kAudio
    bool kept = true;           // false: not media to play
    base::ByteCount noted;      // received, of which the playback has not been told; zero: nothing
    std::size_t init_key = 0;   // kInit
    Download download;          // kInit, kVideo, kAudio
  };
  // Since a request of a lane failed, until one succeeds.
  struct Difficulty {
    base::Instant since;    // start of the first request that failed
    int failures = 0;       // in a row
    std::size_t moves = 0;  // to other places
    int refusals = 0;       // 401 and 403 in a row with the newest token
    std::string complaint;  // about the last failure, for the reason of the ending
  };
  // What keeps a lane from asking.
  struct Hold {
    base::Instant not_before{};  // a pause after a failure, or the time a page takes
    base::Boxed<Difficulty> difficulty;
  };
  // What the engine chose to load next on a track; until its request is made.
  struct Choice {
    Segment segment;
    std::size_t rendition = 0;
    base::Instant call;  // when the page calls for it
    bool kept = true;
  };
  struct Cursor {           // of one track
    base::Duration next{};  // everything before it was received, skipped or is a gap
    base::Boxed<Choice> choice;
    base::Instant look_at = base::Instant::max();  // when the engine is to be asked again
    bool asked = false;                            // anything so far
  };
  // Where the viewer may seek to.
  struct Seekable {
    base::Duration window_start{}, first{}, last{};
    bool live = false;
    base::Instant known_at{};
  };
  struct Failure {
    int status = 0;
    std::string what;
    std::optional<base::Duration> retry_after;
  };

  // player_session.cc
  void happen(const Begin&);
  Flight* hear(const Progress& progress);
  bool matters(const Flight& flight) const;
  bool sends_alone();
  void happen(const Progress& progress);
  base::Instant quiet_until() const;
  bool note(Flight& flight);
  bool may_note() const;
  bool woke_early();
  void catch_up();
  void happen(const Answered& answer);
  void happen(const Broke& broke);
  void count(const Answered& answer);
  void happen(const Woken&) { wake_set_.reset(); }
  void happen(const Stop&);
  void advance() {
    if (!has_come_to_now()) come_to_now();
  }
  // Nothing happens by itself that has not, and nobody sets the speed anew.
  bool has_come_to_now() const { return !may_act() && !traits().steers_rate && playback_.is_settled(now_) && playback_.state() == told_; }
  void come_to_now();
  void advance_to(base::Instant when);
  // By the playback, during the present event: one list for all sessions of the thread.
  static std::vector<Telemetry>& said();
  void say_all();
  void tell_state();
  void steer();
  void tell(Command&& command);
  void say(Telemetry&& what) { tell(Note{std::move(what)}); }
  Playback projected_to(base::Instant now) const;
  void finish(Ending ending, std::string reason);
  bool is_over() const { return over_.has_value(); }
  void give_up_if_hopeless();
  void note_trouble(std::string what);
  void note_trouble_over();

  // session_entry.cc
  void plan_entry();
  void begin_player();
  bool entry_answered(const Answered& answer, const std::string& failure);

  // session_requests.cc
  void ask(Slot slot, Fetch&& fetch, Flight&& flight, base::Instant at);
  void send(Slot slot, Fetch&& fetch);
  void send_due() {
    if (first_unsent_ <= now_) send_all_due();
  }
  void send_all_due();
  std::optional<Slot> first_unsent() const;
  void abandon(Slot slot);
  std::optional<base::Instant> silent_until(Slot slot) const;
  void give_up_silent();
  std::optional<Slot> slot_of(RequestId id) const;
  static std::string complaint_about(const Flight& flight, int status, const std::string& what);
  void report(const Flight& flight, const Answered& answer, const std::string& failure);
  void succeeded(Slot slot, Flight& flight, const Answered& answer);
  void failed(Slot slot, const Flight& flight, const Failure& failure);
  void refused(Slot slot, const Failure& failure);
  void listing_arrived(Slot slot, const Flight& flight, const Answered& answer);
  void pace_after(Slot slot);
  base::Duration pace_after_init(TrackKind kind) const;
  void media_arrived(Slot slot, Flight& flight, const Answered& answer);
  void token_arrived(const Flight& flight, const Answered& answer);
  void apply(Slot slot, const Flight& flight, const Failure& failure);
  bool moves_on(Slot slot, const Remedy& remedy, std::size_t places);
  void skip(Slot slot, const Flight& flight);

  // session_plan.cc
  void plan();
  void plan_token();
  void plan_listing(Slot slot);
  static void ask_for_range(Fetch& fetch, const std::optional<media::ByteRange>& range);
  void position_if_possible();
  void seek_to_start();
  void load_from(base::Duration position);
  void set_wake();
  std::optional<base::Instant> next_wake() const;
  base::Instant first_leaves() const;
  base::Instant lane_wake(Slot slot) const;
  base::Instant media_wake(TrackKind kind) const;
  bool may_start(Slot slot) const;
  base::Instant listing_due() const;
  bool is_asking_for_listings() const;
  // The source, whose listings may then be due at other times.
  Source& changing_source() { return listing_due_.reset(), *source_; }

  // session_media.cc
  void plan_media(TrackKind kind);
  void choose(TrackKind kind);
  void start_source();
  bool select(std::size_t rendition, base::Duration pause);
  std::optional<Segment> next_segment(TrackKind kind);
  void pursue(TrackKind kind);
  bool is_init_here(TrackKind kind, const Track& track, const Choice& choice);
  bool has_inits(TrackKind kind) const;
  void keep_init(TrackKind kind, std::size_t key);
  void ask_segment(TrackKind kind, const Track& track, const Choice& choice);
  void note_switch(std::size_t rendition);
  void follow_ladder();
  void reconsider();
  MediaBuffer::Piece piece_of(const Download& download) const;
  void grow(Slot slot, const Download& download, base::ByteCount received, Playback& playback) const;

  // session_viewer.cc
  bool may_act() const { return playback_.has_started() ? acted_ < config_.actions.size() : config_.patience.has_value(); }
  std::optional<base::Instant> viewer_due() const;
  void act();
  void act(const SeekTo& seek);
  void act(const SeekBy& seek);
  void act(const PausePlay&);
  void act(const ResumePlay&);
  void act(const HidePage&);
  void act(const ShowPage&);
  void go_to(base::Duration position);
  Seekable seekable() const;
  void note_seekable();
  base::Instant timer(base::Instant due) const;
  base::Instant after(base::Duration pause) const;

  // session_cmcd.cc
  CmcdMoment cmcd_moment(Slot slot) const;
  std::string url_after(TrackKind kind, const Segment& segment) const;
  void note_for_cmcd(const Telemetry& what);

  // session_view.cc: PlayerView
  base::Instant now() const override { return now_; }
  const Device& device() const override { return *config_.device; }
  const std::vector<LadderRung>& ladder() const override { return source_->ladder(); }
  std::size_t first_listed() const override { return source_->first_listed(); }
  PlayerState state() const override { return playback_.state(); }
  base::Duration playhead() const override { return playback_.playhead(); }
  double rate() const override { return playback_.rate(); }
  bool has(TrackKind kind) const override { return kind == TrackKind::kVideo || source_->has_audio(); }
  base::Duration level(TrackKind kind) const override { return playback_.level(kind); }
  base::Duration next(TrackKind kind) const override { return cursors_[index_of(kind)].next; }
  const Download* running(TrackKind kind) const override;
  base::Duration segment_duration(TrackKind kind) const override;
  std::optional<base::Duration> segment_start(TrackKind kind, base::Duration position) const override;
  base::Duration buffered_end(TrackKind kind) const override { return playback_.received_end(kind); }
  std::optional<std::size_t> buffered_rendition(base::Duration position) const override { return playback_.rendition_at(position); }
  bool is_live() const override { return !source_->is_ended(TrackKind::kVideo); }
  bool is_listed(std::size_t rendition) const override { return source_->is_listed(rendition); }
  base::Duration target_duration() const override { return source_->target_duration(); }
  std::optional<base::Duration> end(TrackKind kind) const override;
  std::optional<base::Duration> live_delay() const override { return playback_.live_delay(); }
  bool names_live_delay() const override { return source_->names_live_delay(); }
  std::optional<base::Duration> live_edge() const override;
  std::optional<base::Duration> latency() const override { return playback_.latency(); }
  base::Bitrate audio_rate() const override;
  bool is_independent() const override { return source_->is_independent(); }
  bool is_hidden() const override { return hidden_since_.has_value(); }
  bool moves_window() const override { return acted_ < config_.actions.size() && is_live(); }

  const EngineTraits& traits() const { return playback_.traits(); }
  base::Boxed<Flight>& flight_on(Slot slot) { return flights_[index_of(slot)]; }
  const base::Boxed<Flight>& flight_on(Slot slot) const { return flights_[index_of(slot)]; }
  Hold& hold_of(Slot slot) { return holds_.filled()[index_of(slot)]; }
  void wait_until(Slot slot, base::Instant when) { hold_of(slot).not_before = when; }
  base::Instant not_before(Slot slot) const { return holds_ ? (*holds_)[index_of(slot)].not_before : base::Instant{}; }
  const Difficulty* difficulty(Slot slot) const {
    return holds_ && (*holds_)[index_of(slot)].difficulty ? &*(*holds_)[index_of(slot)].difficulty : nullptr;
  }
  void clear(Slot slot);
  static Slot slot_for(TrackKind kind) { return kind == TrackKind::kVideo ? Slot::kVideo : Slot::kAudio; }
  static Slot init_slot_for(TrackKind kind) { return kind == TrackKind::kVideo ? Slot::kVideoInit : Slot::kAudioInit; }
  static TrackKind kind_of(Slot slot) { return slot == Slot::kAudio || slot == Slot::kAudioInit ? TrackKind::kAudio : TrackKind::kVideo; }

  PlayerConfig config_;
  std::unique_ptr<Engine> engine_;
  Playback playback_;
  TokenKeeper token_;
  std::unique_ptr<Source> source_;
  mutable base::CompactOptional<base::Instant> listing_due_;  // listing_due(), once found
  std::unique_ptr<EntryPath> entry_;                          // until the player runs
  base::Boxed<CmcdReporter> cmcd_;
  std::array<base::Boxed<Flight>, kSlots> flights_;  // by lane
  base::Boxed<std::array<Hold, kSlots>> holds_;      // by lane; mostly nothing holds any
  std::array<Cursor, 2> cursors_;
  std::vector<std::size_t> inits_;                   // fetched, of both tracks: init_key()
  std::uint32_t selected_ = 0;                       // video rendition
  base::CompactOptional<std::uint32_t> last_asked_;  // rendition of the last video segment asked for
  std::uint32_t acted_ = 0;                          // of the viewer's actions
  std::uint32_t last_id_ = 0;
  base::Boxed<Seekable> seekable_;                     // for viewers who act
  base::CompactOptional<base::Instant> hidden_since_;  // the page is in the background
  base::Instant now_{};
  base::Instant first_unsent_ = base::Instant::max();  // no flight leaves before then
  base::Instant player_began_{};                       // the player, not the page around it
  base::CompactOptional<base::Instant> wake_set_;
  base::Instant quiet_until_{};                    // progress is noted, no more
  base::CompactOptional<base::Instant> noted_at_;  // progress, last, since anything else happened: the playback may be of before
  bool in_trouble_ = false;
  bool wakes_to_send_ = false;             // at the instant it is to be woken, requests that wait leave, and nothing else is due
  PlayerState told_ = PlayerState::kIdle;  // the engine
  struct Counts {
    std::uint32_t switches = 0, requests = 0, failed_requests = 0, token_refreshes = 0;
    base::ByteCount bytes;
  } counts_;  // what playback does not keep of PlayerTotals
  base::Boxed<Finish> over_;
  std::vector<Command>* out_ = nullptr;  // of the present event
};

}  // namespace harness
