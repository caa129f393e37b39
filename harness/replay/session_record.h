// SessionRecord: what one player did in one session, real or emulated: the form in which the two are compared. Plain data. All times
// count from t0, the call with which the player begins to load.
#pragma once

#include <optional>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "harness/player/events.h"

namespace harness {

// Media ahead of the playhead.
struct BufferLevels {
  base::Duration video{}, audio{};
  friend bool operator==(const BufferLevels&, const BufferLevels&) = default;
};

struct RequestRecord {
  RequestKind kind = RequestKind::kManifest;
  std::optional<int> rung{};     // of the ladder, lowest first; absent: neither video nor what belongs to it
  std::optional<int> segment{};  // from 1
  base::Duration started{};
  std::optional<base::Duration> first_byte{};
  std::optional<base::Duration> ended{};  // last byte or end of the attempt; absent: still open at the end of the session
  base::ByteCount bytes{};
  bool aborted = false;                 // by the player
  bool failed = false;                  // refused by the server, or no complete answer
  bool cached = false;                  // answered by the browser's HTTP cache: nothing crossed the link
  std::optional<BufferLevels> ahead{};  // when it was asked
  friend bool operator==(const RequestRecord&, const RequestRecord&) = default;
};

inline bool is_complete(const RequestRecord& request) { return request.ended && !request.aborted && !request.failed; }

struct StallRecord {
  base::Duration began{}, lasted{};
  friend bool operator==(const StallRecord&, const StallRecord&) = default;
};

struct SessionRecord {
  base::Duration length{};
  std::optional<base::Duration> startup{};  // absent: never played
  std::vector<StallRecord> stalls{};        // after the start
  std::vector<RequestRecord> requests{};    // in the order they were made
  std::optional<int> connections{};         // opened; absent: not known
  std::optional<std::string> failure{};     // the player gave up: why
  friend bool operator==(const SessionRecord&, const SessionRecord&) = default;
};

}  // namespace harness
