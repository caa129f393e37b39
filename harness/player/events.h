// The language of a player: what happened to it (Event), what it wants done (Command), and what it says of itself for the KPIs
// (Telemetry). Plain values; player_session.h turns events into commands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/shared_text.h"
#include "base/time.h"
#include "base/units.h"
#include "harness/engine/words.h"

namespace harness {

enum class RequestId : std::uint32_t {};  // unique within one session

// ---- what the player wants --------------------------------------------------------------------------------------------------
struct Fetch {
  RequestId id{};
  RequestKind kind = RequestKind::kManifest;
  std::string_view method = "GET";  // of static storage
  base::SharedText url;
  std::vector<std::pair<std::string, std::string>> headers;
  base::SharedText body;
  base::Duration timeout{};         // whole transfer
  bool keep_body = false;           // false: the bytes are counted and dropped (media)
  base::Duration progress_every{};  // how often Progress is wanted, at most, from the first byte on; zero: never
};
struct Abort {  // the answer of a running fetch is no longer wanted; no event follows for it
  RequestId id{};
};
struct WakeAt {  // replaces an earlier wake-up
  base::Instant when;
};

// ---- what the player says ---------------------------------------------------------------------------------------------------
// RequestDone::failure
inline constexpr const char* kAborted = "aborted";
inline constexpr const char* kTimedOut = "timeout";

struct RequestDone {
  RequestKind kind = RequestKind::kManifest;
  base::SharedText url;    // without its query
  int rendition = -1;      // index in the ladder, lowest first, beyond it: of one that is gone; -1: not a video segment
  int status = 0;          // HTTP; 0: no answer
  std::string failure;     // "" | "refused" | "certificate" (not accepted) | "timeout" | "reset" | "resolve" | "redirects" (a loop) |
                           // "too-large" (a listing) | "malformed"; "aborted": the player would not wait for it
  base::ByteCount bytes;   // of the body, over the network
  base::ByteCount cached;  // of the body, from the browser's cache: it asked nobody, or was told that it is still good (status 304)
  base::Duration ttfb{};   // start to first byte
  base::Duration took{};   // start to last byte
};
// The browser's cache answered alone; nothing crossed the network.
bool is_from_cache(const RequestDone& request);
// No answer, none that makes sense, or one of 400 and above. What the player would not wait for is no failure.
bool has_failed(const RequestDone& request);
struct StartupDone {
  base::Duration startup_time{};
};
struct StallBegan {};
struct StallEnded {
  base::Duration lasted{};
};
// What the viewer does. A seek into what is not buffered waits; that wait is neither startup nor a stall, and a further
// seek in it is part of it.
struct SeekBegan {};
struct SeekEnded {
  base::Duration lasted{};  // waited, pauses left out; zero where the target was buffered
};
struct Paused {};
struct Resumed {
  base::Duration lasted{};
};
struct RenditionSwitched {
  base::Bitrate from, to;
};  // as rendered by the playhead's side of the buffer: counted at request time
struct TokenRenewed {
  bool after_refusal = false;
};  // false: ahead of its expiry
struct Trouble {
  std::string what;
};                      // first sign of a fault of the system under test: a 401, a 5xx, a dead playlist
struct TroubleOver {};  // requests succeed again and the player plays
using Telemetry = std::variant<RequestDone, StartupDone, StallBegan, StallEnded, SeekBegan, SeekEnded, Paused, Resumed, RenditionSwitched,
                               TokenRenewed, Trouble, TroubleOver>;
struct Note {
  Telemetry what;
};

enum class Ending { kWatchedEnough, kContentEnded, kFailed, kStopped, kLeftBeforeStart };
const char* to_text(Ending ending);  // "watched", "ended", "failed", "stopped", "left-before-start"
struct Finish {
  Ending ending = Ending::kWatchedEnough;
  std::string reason;  // kFailed: one sentence
};
using Command = std::variant<Fetch, Abort, WakeAt, Note, Finish>;

// ---- what happened ----------------------------------------------------------------------------------------------------------
struct Begin {};  // the viewer presses play
struct Progress {
  RequestId id{};
  base::ByteCount received;                      // so far
  std::optional<base::ByteCount> expected = {};  // in all, where the answer says it
  base::Duration ttfb{};                         // start to first byte
  std::uint32_t reports = 1;                     // that it stands for, itself included
};
// An HTTP answer of any status, complete.
struct Answered {
  RequestId id{};
  int status = 0;
  base::SharedText body;  // with keep_body
  base::ByteCount bytes;
  base::Duration ttfb{};
  base::Duration took{};
  std::optional<base::Duration> retry_after;
  base::SharedText url{};               // with keep_body: where redirects led; empty: nowhere else
  std::optional<base::UtcTime> date{};  // to a HEAD request: the Date header
  base::ByteCount cached{};             // of the body, from the browser's cache and beside `bytes`
  bool validated = false;               // after asking the server whether it still may be used
};
// No complete answer.
struct Broke {
  RequestId id{};
  std::string failure;  // as RequestDone::failure
  base::ByteCount bytes;
  base::Duration took{};
};
struct Woken {};
struct Stop {};  // the run is over or the viewer leaves: the session ends at once
using Event = std::variant<Begin, Progress, Answered, Broke, Woken, Stop>;

}  // namespace harness
