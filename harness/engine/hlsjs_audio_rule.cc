#include "harness/engine/hlsjs_audio_rule.h"

namespace harness::hlsjs {
namespace {

constexpr double kInside = 0.05;  // of the audio segment: where video has to be, buffer-controller.ts

// Encoders put a frame of silence before the first sound, 1024 samples at 48 kHz. Playlists leave it out, the media has it; hls.js
// compares the times of the media.
constexpr base::Duration kPriming = std::chrono::microseconds{21'333};

}  // namespace

void AudioRule::audio_arrived(base::Duration start, base::Duration duration, base::Duration video_end) {
  const auto inside = base::Duration{static_cast<std::int64_t>(static_cast<double>(duration.count()) * kInside)};
  held_back_ = video_end < start + kPriming + inside;
}

// Any progress of video releases the audio, even if it ends before the audio begins.
void AudioRule::video_arrived(base::Duration end) {
  video_on_its_way_.reset();
  if (end > video_end_) held_back_ = false;
  video_end_ = end;
}

bool AudioRule::is_ahead(base::Duration start) const { return video_on_its_way_ && start + kPriming > *video_on_its_way_; }

bool AudioRule::is_ahead_of_received(base::Duration start) const { return start + kPriming > video_end_; }

}  // namespace harness::hlsjs
