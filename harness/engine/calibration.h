// What no engine's source says: how long a browser takes between things. Each figure stands with how it was obtained; a rule of an
// engine never stands here.
#pragma once

#include "harness/engine/traits.h"

namespace harness {

// dash.js 5.2.1 in Chromium 156.
EngineTraits dashjs_5_2();

// From a cause to the next request of a track, as dash.js makes it; medians over 13 recordings of 6 links.
struct DashJsPace {
  base::Duration video{};           // segment to segment: append, timer, choice
  base::Duration video_of_mb{};     // and for each 10^6 bytes of the former
  base::Duration audio{};           // the same for audio
  base::Duration quality_change{};  // a choice of another rendition to the request for its init
  base::Duration after_abort{};     // a segment given up to the same
};
constexpr DashJsPace dashjs_5_2_pace() {
  using Micro = std::chrono::microseconds;
  return {.video = Micro{4'000},  // by size, n = 955: 4.1 below 0.1 MB, 5.3 at 0.25, 6.7 at 0.4, 8.0 at 0.65, 10.3 at 1 MB
          .video_of_mb = Micro{6'300},
          .audio = Micro{3'500},           // n = 396
          .quality_change = Micro{2'100},  // segment to init 8.3, n = 124, less segment to segment
          .after_abort = Micro{1'300}};    // n = 21
}

}  // namespace harness
