// One emulated viewer, from pressing play to leaving: the pages it enters by, manifest, init, segments of separate audio and video,
// playback buffer, stall and startup clock, ABR, retries, token refresh, live reload. Pure: time and bytes come in as events, wishes go out
// as commands.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/boxed.h"
#include "base/compact_optional.h"
#include "base/shared_text.h"
#include "base/shared_value.h"
#include "harness/behaviour/visit.h"
#include "harness/engine/words.h"
#include "harness/player/cmcd_reporter.h"
#include "harness/player/entry_path.h"
#include "harness/player/events.h"
#include "harness/player/shared_listings.h"
#include "harness/scenario/scenario.h"

namespace harness {

// How a viewer of an authenticated path gets and renews its token (POST, JSON: the reference server's /v1/tokens).
struct TokenSource {
  base::SharedText token_url, refresh_url;
  base::SharedText stream;  // what the token is for
  std::string subject;      // viewer name
  base::SharedText group;   // the cohort: drills expire a group
  std::string session{};    // of the login, sent with a request for a new token; empty: there was none
};

struct PlayerConfig {
  base::SharedValue<Device> device;
  base::SharedValue<std::string> manifest_url;
  ContentKind content = ContentKind::kLive;
  base::CompactOptional<base::Duration> watch;       // from the first frame; absent: until Stop
  base::Boxed<TokenSource> token;                    // sent as `Authorization: Bearer`; never part of a URL
  base::WallAnchor wall;                             // relates instants to UTC for live latency and DASH live edges
  base::CompactOptional<base::Duration> patience{};  // of the viewer, who leaves when there is no first frame by then; absent: endless
  std::vector<TimedAction> actions{};                // ascending
  base::Boxed<CmcdConfig> cmcd{};                    // absent: not sent
  base::Boxed<Entrance> entry{};                     // absent: the session begins with the token or the manifest
  std::shared_ptr<SharedListings> listings{};        // of the sessions of this thread; null: its own
};

// Running totals, readable at any time; final after Finish.
struct PlayerTotals {
  base::Instant began{};                       // Begin
  std::optional<base::Duration> startup_time;  // absent: not started (yet)
  base::Duration played{};                     // time spent playing
  base::Duration stalled{};                    // after the start, finished and running stalls
  base::Duration seeking{};                    // waited for after seeks, finished and running; buffered targets are not waited for
  base::Duration paused{};
  std::uint32_t stalls = 0;
  std::uint32_t switches = 0;
  std::uint32_t requests = 0;  // that a browser's cache did not answer
  std::uint32_t failed_requests = 0;
  std::uint32_t token_refreshes = 0;
  base::ByteCount bytes;
  double bitrate_seconds = 0;      // sum of declared video bit/s x seconds played
  double latency_seconds_sum = 0;  // live latency sampled once per second of playing
  std::uint32_t latency_samples = 0;
  std::optional<Ending> ending;  // set with Finish
  std::string failure;
};

struct PlayerStatus {
  PlayerState state = PlayerState::kIdle;
  base::Duration buffer{};  // playable media ahead of the playhead
  base::Bitrate rendition;  // declared, of the segment at the playhead
};

class PlayerSession {
 public:
  explicit PlayerSession(PlayerConfig config);
  PlayerSession(PlayerSession&&) noexcept;
  PlayerSession& operator=(PlayerSession&&) noexcept;
  ~PlayerSession();

  // `now` never goes back. After Finish, every event gives no commands. Events for unknown or aborted requests are ignored.
  std::vector<Command> on(base::Instant now, const Event& event);
  // The same, put behind what `out` holds already.
  void on(base::Instant now, const Event& event, std::vector<Command>& out);
  // The same for progress of before notes_until().
  void on_late(base::Instant at, const Progress& progress);

  // Progress of the request is of no use before.
  Heed progress_wanted(RequestId id) const;
  // Of progress before then it only keeps account, even if it is told late: no command comes of it, and all of it is wanted. Only an event
  // other than such progress changes that instant.
  base::Instant notes_until() const;

  // Brings the playback clock forward to `now` first.
  PlayerStatus status(base::Instant now) const;
  PlayerTotals totals(base::Instant now) const;
  // Where it plays, nothing is amiss, and its viewer has nothing more in mind than to leave: when that is, never included. Nothing
  // otherwise.
  std::optional<base::Instant> stays_until(base::Instant now) const;
  // An HTTP cache stands between the player and the network (EngineTraits::http_cache).
  bool has_http_cache() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace harness
