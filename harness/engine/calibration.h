// What no engine's source says: how long a browser takes between things. Each figure stands with how it was obtained; a rule of an
// engine never stands here.
#pragma once

#include "harness/engine/traits.h"

namespace harness {

// hls.js 1.7.4 in Chromium 156.
EngineTraits hlsjs_1_7();

// From a cause to the next request of a track, as hls.js makes it; medians over 13 recordings of 7 links.
struct HlsJsPace {
  base::Duration parsing{};         // last byte to the end of parsing
  base::Duration first_parsing{};   // the same for the first segment: the worker starts
  base::Duration second_video{};    // first video segment to the second requests: both buffers are made
  base::Duration second_audio{};    // first audio segment to the same, where it is the later one
  base::Duration video{};           // segment to segment
  base::Duration audio{};           // segment to segment, nothing in its way
  base::Duration audio_released{};  // video segment to the audio request that waited for it
  base::Duration audio_beside{};    // call for a video segment to the call for the audio segment beside it
  base::Duration after_playlist{};  // media playlist to a segment
};
constexpr HlsJsPace hlsjs_1_7_pace() {
  using Micro = std::chrono::microseconds;
  return {.parsing = Micro{2'500},         // last byte to the append call 3.5, of which appending is 1
          .first_parsing = Micro{53'500},  // live: first video segment to the audio that waits for it to be parsed (57.5), less first_audio
          .second_video = Micro{66'000},   // 41 to 95
          .second_audio = Micro{20'000},   // one recording: 17 and 25
          .video = Micro{5'500},           // n = 1604; on a change to a listed rung 5.7 (n = 37), to its playlist 4.8 (n = 20)
          .audio = Micro{3'400},           // n = 915
          .audio_released = Micro{5'000},  // live
          .audio_beside = Micro{700},      // n = 662
          .after_playlist = Micro{4'600}};  // n = 21
}

}  // namespace harness
