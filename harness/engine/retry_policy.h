// What a player does about a request that failed for another reason than its token: wait and ask again, go on without the segment,
// or give up. Pure; the numbers are one place's business.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "harness/engine/words.h"

namespace harness {

inline constexpr base::Duration kGiveUpAfter = std::chrono::seconds{20};  // failing all the while, with nothing left to play

struct FailedRequest {
  RequestKind kind = RequestKind::kManifest;
  TrackKind track = TrackKind::kVideo;
  std::size_t rendition = 0;  // playlists, init and segments of video
  int status = 0;             // 0: no answer
  bool timed_out = false;     // no complete answer in time
  int failures = 1;           // in a row, this one included
  std::size_t elsewhere = 0;  // other places (redundant streams, further base URLs) not tried since the last success
  bool live = false;
  std::optional<base::Duration> retry_after;
};

struct Remedy {
  enum class What { kRetry, kSkip, kFail };
  What what = What::kRetry;
  base::Duration after{};  // kRetry
  // kRetry: not there again but at the next place, if there is one. Any other remedy waits until every place has been tried.
  bool elsewhere = false;
};

// While there is another place: there, at once. Else
// 4xx: three more tries a second apart; then a live segment is skipped and anything else is final. 408, 429, 5xx and no answer:
// 0.5, 1, 2, 4, 4, … seconds, or as Retry-After says up to 5 s, without end (the session gives up after kGiveUpAfter).
Remedy remedy_for(const FailedRequest& request);

}  // namespace harness
