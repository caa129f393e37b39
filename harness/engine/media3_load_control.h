// When Media3 loads (DefaultLoadControl.java; Media3 1.11.0): while less than 50 s are asked for ahead of the playhead on the track that
// is further behind, and less than some 137 MiB are held.
#pragma once

#include "base/time.h"
#include "base/units.h"

namespace harness {

// DEFAULT_VIDEO_BUFFER_SIZE + DEFAULT_AUDIO_BUFFER_SIZE: (2000 + 200) allocations of 64 KiB.
inline constexpr base::ByteCount kMedia3MostBytes = base::ByteCount::bytes((2000 + 200) * 65536);
inline constexpr base::Duration kMedia3LeastGoal = std::chrono::milliseconds{500};

// `ahead`: from the playhead to the end of what is asked for. `goal`: minBufferMs, which is maxBufferMs as well.
constexpr bool media3_loads_on(base::Duration ahead, base::ByteCount held, base::Duration goal) {
  return ahead < (goal > kMedia3LeastGoal ? goal : kMedia3LeastGoal) && held < kMedia3MostBytes;
}

}  // namespace harness
