// The start of hls.js: the first segments of both tracks are appended together, for video tells audio its times and the buffers are
// made for both at once (base-stream-controller.ts, audio-stream-controller.ts, buffer-controller.ts). Pure.
#pragma once

#include <optional>

#include "base/compact_optional.h"
#include "base/time.h"

namespace harness::hlsjs {

// When the first segments arrived.
struct FirstSegments {
  base::CompactOptional<base::Instant> video{}, audio{};
};

// The first of hls.js's ticks after `from`. They are 100 ms apart (TICK_INTERVAL); `zero` is one.
base::Instant next_tick(base::Instant zero, base::Instant from);

// When the first video segment is parsed; nothing before it is here.
std::optional<base::Instant> first_parsed(const FirstSegments& first);

// When the first segments are released for appending: audio that is here already learns of video's times with its next tick.
std::optional<base::Instant> first_released(const FirstSegments& first, bool has_audio, base::Instant tick_zero);

}  // namespace harness::hlsjs
