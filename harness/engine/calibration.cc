#include "harness/engine/calibration.h"

namespace harness {

using namespace base::literals;

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
