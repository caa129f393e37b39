// What hls.js does about a failed request (error-controller.ts, base-stream-controller.ts, utils/error-helper.ts): wait and ask again,
// go to another level, leave a hole in a live stream, or give up. Pure; the counts are kept in the levels.
#pragma once

#include "base/compact_optional.h"
#include "harness/engine/hlsjs_levels.h"
#include "harness/engine/retry_policy.h"

namespace harness::hlsjs {

struct Failures {
  int playlist = 0;                                   // in a row, video and audio
  std::size_t load_level = 0;                         // the level being loaded
  base::CompactOptional<std::size_t> forced_level{};  // to load next whatever the level rule says
};

// Counts the failure and says what to do; may set forced_level. Going to another level is a kRetry after no time.
Remedy remedy(const FailedRequest& request, std::span<Level> levels, Failures& failures);

}  // namespace harness::hlsjs
