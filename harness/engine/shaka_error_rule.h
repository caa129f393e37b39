// What Shaka does about a failed request: one more attempt after a second, then the stream is left alone for 30 s if there is another one
// (lib/net/backoff.js, lib/net/networking_engine.js, handleStreamingError_ in lib/media/streaming_engine.js). Pure.
#pragma once

#include "harness/engine/retry_policy.h"

namespace harness::shaka {

struct Verdict {
  Remedy remedy;
  bool disables_stream = false;  // the rendition that failed; the retry is for another one
};

// `has_other`: another rendition of the track could be played.
Verdict verdict(const FailedRequest& request, bool has_other);
inline constexpr base::Duration kDisabled = std::chrono::seconds{30};  // streaming.maxDisabledTime, player_configuration.js

}  // namespace harness::shaka
