// What no engine's source says: how long a browser takes between things. Each figure stands with how it was obtained; a rule of an
// engine never stands here.
#pragma once

#include "harness/engine/traits.h"
#include "harness/scenario/scenario.h"

namespace harness {

// hls.js 1.7.4 in Chromium 156.
EngineTraits hlsjs_1_7();

// From a cause to the next request of a track, as hls.js makes it; medians over 13 recordings of 7 links, one more of a live stream.
struct HlsJsPace {
  base::Duration worker{};          // first segment to its parser: a worker starts
  base::Duration first_parsing{};   // first video segment to the end of parsing, once the worker runs
  base::Duration second_video{};    // the first segments' release for appending to the second video request
  base::Duration second_audio{};    // and to the second audio request
  base::Duration parsing{};         // any other segment to the end of parsing
  base::Duration parsing_of_mb{};   // and for each 10^6 bytes of it
  base::Duration video{};           // segment to segment
  base::Duration video_of_mb{};     // and for each 10^6 bytes of the former
  base::Duration audio{};           // segment to segment, nothing in its way
  base::Duration audio_released{};  // video segment to the audio request that waited for it
  base::Duration audio_beside{};    // call for a video segment to the call for the audio segment beside it
  base::Duration after_playlist{};  // media playlist to a segment
  base::Duration ticks{};           // multivariant playlist to the first of the 100 ms ticks
};
constexpr HlsJsPace hlsjs_1_7_pace() {
  using Micro = std::chrono::microseconds;
  return {.worker = Micro{53'500},         // live: first video segment to the audio that waits for its times 57.5, less first_audio
          .first_parsing = Micro{10'000},  // below 18: what reaches a tick 18 ms later is appended by it
          .second_video = Micro{19'000},   // release to append call 6, to the request 12 [6, 23] more
          .second_audio = Micro{17'000},   // live
          .parsing = Micro{2'200},         // last byte to append call by size, n = 1600: 2.6 below 0.1 MB, 7.5 at 1 MB
          .parsing_of_mb = Micro{4'000},
          .video = Micro{4'200},  // by size, n = 1604: 4.1 below 0.1 MB, 11.6 at 1 MB
          .video_of_mb = Micro{5'500},
          .audio = Micro{3'400},           // n = 915
          .audio_released = Micro{5'000},  // live
          .audio_beside = Micro{700},      // n = 662
          .after_playlist = Micro{4'600},  // n = 21
          .ticks = Micro{8'600}};          // requests that only a tick explains: 8.6, 8.6, 8.7, 9.5
}

// Media3 1.11.0 on Android.
EngineTraits media3_1_11(StreamingProtocol protocol);

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
