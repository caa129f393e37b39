// What no engine's source says: how long a browser takes between things. Each figure stands with how it was obtained; a rule of an
// engine never stands here.
#pragma once

#include "harness/engine/traits.h"

namespace harness {

// Shaka Player 5.2.12 in Chromium 156.
EngineTraits shaka_5_2();

// From a cause to the next look of a track's update loop.
struct ShakaPace {
  base::Duration video{};        // last byte of a segment, which is appended first
  base::Duration audio{};        // the same for audio
  base::Duration after_abort{};  // a download given up for a switch
};
constexpr ShakaPace shaka_5_2_pace() {
  using Micro = std::chrono::microseconds;
  return {.video = Micro{5'200},         // n = 103, back to back on one rung [3.5, 9.9]
          .audio = Micro{4'300},         // n = 59 [2.8, 6.9]
          .after_abort = Micro{2'100}};  // n = 45 [1.2, 4.3]
}

}  // namespace harness
