// When the audio chain of hls.js goes on (audio-stream-controller.ts, buffer-controller.ts). Audio is a chain of requests of its own
// that may fall behind video as far as it likes, but not run ahead of it:
// - an audio segment that begins beyond the appended video is held back until the next video segment is appended (blockAudio), and
//   the chain goes on only when it is appended;
// - in VOD the next one is not asked for while it begins behind the video segment on its way (atBufferSyncLimit). A video segment that is
//   received counts as on its way until it is appended, and then the next one is called for: audio does not overtake that call.
#pragma once

#include <optional>

#include "base/compact_optional.h"
#include "base/time.h"

namespace harness::hlsjs {

class AudioRule {
 public:
  // An audio segment is here; all before it are appended. `video_end`: of what is received.
  void audio_arrived(base::Duration start, base::Duration duration, base::Duration video_end);
  void video_asked(base::Duration end) { video_on_its_way_ = end; }
  void video_arrived(base::Duration end);

  bool is_held_back() const { return held_back_; }
  // Whether a segment that begins at `start` is too far ahead of the video on its way.
  bool is_ahead(base::Duration start) const;
  // The same with the video received last.
  bool is_ahead_of_received(base::Duration start) const;

 private:
  base::CompactOptional<base::Duration> video_on_its_way_;  // its end
  base::Duration video_end_{};
  bool held_back_ = false;
};

}  // namespace harness::hlsjs
