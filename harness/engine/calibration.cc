#include "harness/engine/calibration.h"

namespace harness {

using namespace base::literals;

// Medians over 13 recordings of 7 links (p10 to p90 in brackets), the stall figures over 5 stalls of further recordings on a slow link.
EngineTraits hlsjs_1_7() {
  EngineTraits traits;
  traits.name = "hls.js-1.7";
  traits.init_beside_segment = true;      // initFragmentLoader, base-stream-controller.ts
  traits.starts_by_video = true;          // setStartPosition, base-stream-controller.ts
  traits.reloads_by_segment = true;       // computeReloadInterval, utils/level-helper.ts
  traits.jumps_holes = true;              // maxBufferHole, nudges: gap-controller.ts
  traits.progress_every = 100ms;          // interval of _abandonRulesCheck, abr-controller.ts
  traits.timeouts = {.listing = 10s,      // playlistLoadPolicy.maxTimeToFirstByteMs, config.ts
                     .media = 120s,       // fragLoadPolicy.maxLoadTimeMs
                     .first_byte = 10s};  // fragLoadPolicy.maxTimeToFirstByteMs
  traits.pace = {.manifest = 2200us,      // [1.8, 4.2]
                 .playlist = 7600us,      // [6.3, 12]
                 .audio_playlist = 2ms,   // [1.2, 4.5]
                 .first_video = 8800us,   // [6.4, 11]
                 .first_audio = 4ms,      // [3.4, 7.3]
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

// Media3 1.11.0 on Android. No recording exists: every figure below is from the source or zero because nothing was measured. Not in it
// and to be expected of a device: starting the decoders (adds to the startup), and the hop from the loading to the playback thread
// between two requests.
EngineTraits media3_1_11() {
  EngineTraits traits;
  traits.name = "media3-1.11";
  traits.overwrites = true;           // a segment loaded again at another quality is spliced in (HlsMediaChunk.shouldSpliceIn)
  traits.jumps_holes = true;          // the clock follows the next sample (DefaultAudioSink, handleDiscontinuity)
  traits.grows_while_loading = true;  // samples are queued as they are parsed (SampleQueue)
  traits.starts_on_segment = true;    // HlsMediaSource.getLiveWindowDefaultStartPositionUs
  traits.audio_playlist_last = true;  // the first variant's playlist prepares the source (DefaultHlsPlaylistTracker)
  traits.progress_every = 50ms;       // how finely the buffer grows here; the player queues sample by sample
  traits.timeouts.listing = 8s;       // DEFAULT_READ_TIMEOUT_MILLIS, DefaultHttpDataSource.java
  traits.timeouts.media = 2min;       // none for the whole, see silence
  traits.timeouts.silence = 8s;       // DEFAULT_READ_TIMEOUT_MILLIS
  traits.element.start_buffer = 1s;   // DEFAULT_BUFFER_FOR_PLAYBACK_MS, DefaultLoadControl.java
  traits.element.resume_buffer = 2s;  // DEFAULT_BUFFER_FOR_PLAYBACK_AFTER_REBUFFER_MS
  return traits;
}

}  // namespace harness
