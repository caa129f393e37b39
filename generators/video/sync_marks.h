// The marks for checking that sound and picture belong together: for the first 100 ms of every second of media time a 1 kHz beep
// sounds and the sync band is white. At other times the band is dark and a quiet tone (400 Hz left, 500 Hz right) plays.
// The sync band is the bottom of the picture: kSyncBandRows of the kGridRows rows (frame_identity.h), over the whole width.
#pragma once

#include <cstdint>
#include <span>

namespace generators {

inline constexpr int kSyncBandRows = 4;
inline constexpr int kSampleRate = 48000;

// Frame 0 of every second and the others that begin within its first 100 ms.
constexpr bool is_flash(std::int64_t frame, int fps) { return (frame % fps) * 10 < fps; }
constexpr bool is_beep(std::int64_t sample) { return sample % kSampleRate < kSampleRate / 10; }

// Samples in [-1, 1] of the soundtrack from the number `first` on. Requires: both sides have the same length.
void fill_soundtrack(std::int64_t first, std::span<float> left, std::span<float> right);

}  // namespace generators
