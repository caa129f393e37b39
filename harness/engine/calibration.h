// What no engine's source says: how long a browser takes between things. Each figure stands with how it was obtained; a rule of an
// engine never stands here.
#pragma once

#include "harness/engine/traits.h"
#include "harness/scenario/scenario.h"

namespace harness {

// Shaka Player 5.2.12 in Chromium 156.
EngineTraits shaka_5_2(StreamingProtocol protocol);

// From a cause to the next look of a track's update loop.
struct ShakaPace {
  base::Duration video{};        // last byte of a segment, which is appended first
  base::Duration audio{};        // the same for audio
  base::Duration after_abort{};  // a download given up for a switch
  base::Duration probe{};        // HLS: a segment looked at to the next one
  base::Duration after_probe{};  // the last one looked at to audio's first request; video's follows
  base::Duration video_after{};  // by this much
};
constexpr ShakaPace shaka_5_2_pace() {
  using Micro = std::chrono::microseconds;
  return {.video = Micro{5'200},         // n = 103, back to back on one rung [3.5, 9.9]
          .audio = Micro{4'300},         // n = 59 [2.8, 6.9]
          .after_abort = Micro{2'300},   // n = 51 [1.3, 4.2]
          .probe = Micro{6'000},         // live: 9.0, 3.2
          .after_probe = Micro{26'200},  // live: 26.2
          .video_after = Micro{4'200}};  // as in DASH: audio's loop is the first one
}

}  // namespace harness
