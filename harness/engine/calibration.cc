#include "harness/engine/calibration.h"

namespace harness {

using namespace std::chrono_literals;

// Medians over 13 recordings of 7 links (p10 to p90 in brackets), the stall figures over 12 stalls of further recordings on a slow link.
EngineTraits shaka_5_2(StreamingProtocol protocol) {
  EngineTraits traits;
  traits.name = "shaka-5.2";
  traits.init_beside_segment = true;                 // prefetchSegmentsByTime, segment_prefetch.js
  traits.keeps_one_init = true;                      // switchStream drops them, segment_prefetch.js
  traits.starts_by_video = true;                     // getBasicInfoFromSegments_, hls_parser.js
  traits.reloads_together = true;                    // update, hls_parser.js
  traits.jumps_holes = true;                         // gap_jumping_controller.js
  traits.progress_every = 1ms;                       // a browser hands over data as it comes; the rule is 100 ms, http_fetch_plugin.js
  traits.poll_unlisted = 1s;                         // min(lastSegmentDuration / 2, updateIntervalSeconds), streaming_engine.js
  traits.timeouts = {.listing = 30s, .media = 30s};  // timeout, backoff.js
  traits.pace = {.manifest = 6400us,                 // [4.9, 9.9]
                 .playlist = 10ms,                   // live: 10.3
                 .audio_playlist = 0us,
                 .first_video = 38300us,  // [30, 51]
                 .first_audio = 33600us,  // [27, 48]
                 .after_init = 0us,
                 .call_to_wire = 2400us};  // [1.4, 4.7]
  traits.element = {.start_buffer = 0s,
                    .resume_buffer = 0s,
                    .append = 4600us,    // last byte to append call 4 [3, 5], append 0.6
                    .start = 10ms,       // updateend to playing [4, 20]
                    .resume = 3ms,       // last byte to playing 7 [6, 16], less append
                    .first_move = 38ms,  // by the playhead of 18 recordings [31, 49]
                    .runs_dry = 21ms};   // [8, 49]
  if (protocol == StreamingProtocol::kHls) {
    traits.pace.first_video = 9ms;  // live: playlist to the first segment looked at 9.3
    traits.pace.first_audio = 0us;  // begins with its loop, see ShakaPace
  }
  return traits;
}

}  // namespace harness
