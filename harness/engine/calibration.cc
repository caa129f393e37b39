#include "harness/engine/calibration.h"

namespace harness {

using namespace std::chrono_literals;

// Medians over 13 recordings of 6 links (p10 to p90 in brackets), the stall figures over 8 stalls of further recordings on a slow link.
EngineTraits dashjs_5_2() {
  EngineTraits traits;
  traits.name = "dash.js-5.2";
  traits.keeps_one_init = true;         // lastInitializedRepresentationId, ScheduleController.js; cacheInitSegments is off
  traits.overwrites = true;             // fastSwitchEnabled
  traits.jumps_holes = true;            // jumpGaps, jumpLargeGaps: GapController.js
  traits.reloads_from_arrival = true;   // startManifestRefreshTimer, ManifestUpdater.js
  traits.progress_every = 50'500us;     // Chromium's progress events of an XMLHttpRequest: at the first byte, then 50 to 51 apart
  traits.poll_unlisted = 500ms;         // scheduling.defaultTimeout, Settings.js
  traits.timeouts = {.listing = 10s,    // manifestRequestTimeout, Settings.js
                     .media = 20s};     // fragmentRequestTimeout
  traits.pace = {.manifest = 24'500us,  // [20, 38]
                 .playlist = 0us,
                 .audio_playlist = 0us,
                 .first_video = 37'300us,           // [34, 71]
                 .first_audio = 39'600us,           // 2.3 [0.8, 3.2] behind video
                 .after_init = 4ms,                 // 3.6 [2.0, 7.4] from the cache, 4.8 [3.1, 8.2] from the network
                 .after_first_video_init = 10ms,    // [9.1, 18]
                 .after_first_audio_init = 5800us,  // [3.4, 12]
                 .call_to_wire = 1800us};           // [1.0, 4.0]
  traits.element = {.start_buffer = 0s,
                    .resume_buffer = 0s,
                    .append = 4500us,      // last byte to append call 2.6, append 2.1 (updateend)
                    .start = 12'600us,     // last byte to playing 17 [13, 28], less append
                    .resume = 1500us,      // last byte to playing 6 [4, 10], less append
                    .sets_off = 32ms,      // playing to the playhead moving, 13 recordings [23, 36]
                    .runs_dry = 45ms,      // 45 [8, 57]
                    .without_video = 3s};  // kDefaultVideoUnderflowThresholdMs, Chromium's renderer_impl.cc
  return traits;
}

}  // namespace harness
