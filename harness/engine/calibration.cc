#include "harness/engine/calibration.h"

namespace harness {

using namespace std::chrono_literals;

// Medians over 13 recordings of 7 links (p10 to p90 in brackets), the stall figures over 5 stalls of further recordings on a slow link.
EngineTraits hlsjs_1_7() {
  EngineTraits traits;
  traits.name = "hls.js-1.7";
  traits.init_beside_segment = true;     // initFragmentLoader, base-stream-controller.ts
  traits.starts_by_video = true;         // setStartPosition, base-stream-controller.ts
  traits.reloads_by_segment = true;      // computeReloadInterval, utils/level-helper.ts
  traits.jumps_holes = true;             // maxBufferHole, nudges: gap-controller.ts
  traits.progress_every = 100ms;         // interval of _abandonRulesCheck, abr-controller.ts
  traits.timeouts = {.listing = 10s,     // playlistLoadPolicy.maxTimeToFirstByteMs, config.ts
                     .media = 120s,      // fragLoadPolicy.maxLoadTimeMs
                     .silence = 10s};    // fragLoadPolicy.maxTimeToFirstByteMs
  traits.pace = {.manifest = 2200us,     // [1.8, 4.2]
                 .playlist = 7600us,     // [6.3, 12]
                 .audio_playlist = 2ms,  // [1.2, 4.5]
                 .first_video = 8800us,  // [6.4, 11]
                 .first_audio = 4ms,     // [3.4, 7.3]
                 .after_init = 0us,
                 .call_to_wire = 2300us};  // [1.2, 4.8]
  traits.element = {.start_buffer = 0s,
                    .resume_buffer = 0s,
                    .append = 5ms,      // last byte to append call 3.5, append 0.9 (updateend)
                    .start = 152ms,     // to playing, less append: parsing 10, half a tick 50, append call 6, from there 91 [71, 132]
                    .resume = 3ms,      // last byte to playing 8 [7, 12], less append
                    .runs_dry = 45ms};  // 46 [43, 57]
  return traits;
}

}  // namespace harness
