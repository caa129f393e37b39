// The figures of one session, and how far apart two sessions of the same content are. The same functions serve a real player against
// its emulation and two runs of the real player against each other. Pure.
#pragma once

#include <optional>

#include "harness/replay/content_table.h"
#include "harness/replay/session_record.h"

namespace harness {

struct SessionMetrics {
  std::optional<base::Duration> startup;  // absent: never played
  int stalls = 0;
  base::Duration stalled{};
  double stall_ratio = 0;     // of the time since the start; 1 for a session that never played
  double requested_kbps = 0;  // declared, mean over completed video segments; what was fetched twice counts twice
  double buffered_kbps = 0;   // the same over segments, each by its last completed fetch
  int video_segments = 0;     // completed
  int switches = 0;           // of the rung between consecutive video requests
  int aborted = 0;            // video requests
  std::optional<int> connections;
};
SessionMetrics metrics_of(const SessionRecord& session, const ContentTable& content);

// Of a and b: differences of the starts of requests for the same segment (the first request for it), b later than a counting positive.
struct StartErrors {
  int compared = 0;
  base::Duration rmse{}, median{}, median_absolute{};
};

struct SessionAgreement {
  int compared_segments = 0;  // that either has, up to the last that both have
  double same_rung = 0;       // share of them in [0, 1]
  StartErrors video, audio;
};
SessionAgreement agreement_of(const SessionRecord& a, const SessionRecord& b);

}  // namespace harness
