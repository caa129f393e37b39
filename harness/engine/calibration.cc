#include "harness/engine/calibration.h"

namespace harness {

using namespace base::literals;

// Medians over 13 recordings of 7 links (p10 to p90 in brackets), the stall figures over 5 stalls of further recordings on a slow link.
EngineTraits hlsjs_1_7() {
  EngineTraits traits;
  traits.name = "hls.js-1.7";
  traits.http_cache = true;
  traits.init_beside_segment = true;                  // initFragmentLoader, base-stream-controller.ts
  traits.starts_by_video = true;                      // setStartPosition, base-stream-controller.ts
  traits.reloads_by_segment = true;                   // computeReloadInterval, utils/level-helper.ts
  traits.blocking_reload = BlockingReload::kAdvance;  // playlistLoaded, base-playlist-controller.ts; lowLatencyMode is on by default
  traits.jumps_holes = true;                          // maxBufferHole, nudges: gap-controller.ts
  traits.progress_every = 100ms;                      // interval of _abandonRulesCheck, abr-controller.ts
  traits.timeouts = {.listing = 10s,                  // playlistLoadPolicy.maxTimeToFirstByteMs, config.ts
                     .media = 120s,                   // fragLoadPolicy.maxLoadTimeMs
                     .first_byte = 10s};              // fragLoadPolicy.maxTimeToFirstByteMs
  traits.pace = {.manifest = 2200us,                  // [1.8, 4.2]
                 .playlist = 7600us,                  // [6.3, 12]
                 .audio_playlist = 2ms,               // [1.2, 4.5]
                 .first_video = 8800us,               // [6.4, 11]
                 .first_audio = 4ms,                  // [3.4, 7.3]
                 .after_init = 0us,
                 .call_to_wire = 2300us};  // [1.2, 4.8]
  traits.element = {.start_buffer = 0s,
                    .resume_buffer = 0s,
                    .append = 5ms,         // last byte to append call 3.5, append 0.9 (updateend)
                    .start = 152ms,        // to playing, less append: parsing 10, half a tick 50, append call 6, from there 91 [71, 132]
                    .resume = 3ms,         // last byte to playing 8 [7, 12], less append
                    .sets_off = 37ms,      // playing to the playhead moving
                    .runs_dry = 45ms,      // 46 [43, 57]
                    .without_video = 3s};  // as dash.js
  return traits;
}

// Media3 1.11.0 on Android. No recording exists: every figure below is from the source or zero because nothing was measured. Not in it
// and to be expected of a device: starting the decoders (adds to the startup), and the hop from the loading to the playback thread
// between two requests.
EngineTraits media3_1_11(StreamingProtocol protocol) {
  EngineTraits traits;
  traits.name = "media3-1.11";
  traits.blocking_reload = BlockingReload::kAlways;             // getMediaPlaylistUriForReload, DefaultHlsPlaylistTracker
  traits.keeps_one_init = protocol == StreamingProtocol::kHls;  // an extractor, and its init with it, lives until the rendition changes
                                                                // (HlsMediaChunk.createInstance); DASH: one a representation
  traits.overwrites = true;           // a segment loaded again at another quality is spliced in (HlsMediaChunk.shouldSpliceIn)
  traits.jumps_holes = true;          // the clock follows the next sample (DefaultAudioSink, handleDiscontinuity)
  traits.grows_while_loading = true;  // samples are queued as they are parsed (SampleQueue)
  traits.starts_on_segment = true;    // HlsMediaSource.getLiveWindowDefaultStartPositionUs
  traits.steers_rate = true;          // DefaultLivePlaybackSpeedControl.java
  traits.audio_playlist_last = true;  // the first variant's playlist prepares the source (DefaultHlsPlaylistTracker)
  traits.progress_every = 50ms;       // how finely the buffer grows here; the player queues sample by sample
  traits.timeouts.listing = 8s;       // DEFAULT_READ_TIMEOUT_MILLIS, DefaultHttpDataSource.java
  traits.timeouts.media = 2min;       // none for the whole, see silence
  traits.timeouts.silence = 8s;       // DEFAULT_READ_TIMEOUT_MILLIS
  traits.element.start_buffer = 1s;   // DEFAULT_BUFFER_FOR_PLAYBACK_MS, DefaultLoadControl.java
  traits.element.resume_buffer = 2s;  // DEFAULT_BUFFER_FOR_PLAYBACK_AFTER_REBUFFER_MS
  return traits;
}

// Medians over 13 recordings of 6 links (p10 to p90 in brackets), the stall figures over 8 stalls of further recordings on a slow link.
EngineTraits dashjs_5_2() {
  EngineTraits traits;
  traits.name = "dash.js-5.2";
  traits.http_cache = true;
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

// Medians over 13 recordings of 7 links (p10 to p90 in brackets), the stall figures over 12 stalls of further recordings on a slow link.
EngineTraits shaka_5_2(StreamingProtocol protocol) {
  EngineTraits traits;
  traits.name = "shaka-5.2";
  traits.http_cache = true;
  traits.init_beside_segment = true;                 // prefetchSegmentsByTime, segment_prefetch.js
  traits.keeps_one_init = true;                      // switchStream drops them, segment_prefetch.js
  traits.starts_by_video = true;                     // getBasicInfoFromSegments_, hls_parser.js
  traits.reloads_together = true;                    // update, hls_parser.js
  traits.blocking_reload = BlockingReload::kOnTime;  // updateStream_, hls_parser.js
  traits.min_buffer_halves = 3;                      // minBufferTime * 1.5, dash_parser.js
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
                    .append = 4600us,  // last byte to append call 4 [3, 5], append 0.6
                    .start = 10ms,     // updateend to playing [4, 20]
                    .resume = 3ms,     // last byte to playing 7 [6, 16], less append
                    .sets_off = 38ms,  // by the playhead of 18 recordings [31, 49]
                    .runs_dry = 21ms,
                    .without_video = 3s};  // [8, 49]
  if (protocol == StreamingProtocol::kHls) {
    traits.pace.first_video = 9ms;  // live: playlist to the first segment looked at 9.3
    traits.pace.first_audio = 0us;  // begins with its loop, see ShakaPace
  }
  return traits;
}

}  // namespace harness
