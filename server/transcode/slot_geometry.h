// Where frames, AAC frames and slots lie on a stream's timeline. Slot n covers [n, n+1) x the slot duration; it holds the video frames
// and the AAC frames whose start lies in it. All positions are absolute and exact: nothing accumulates. Pure.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace server {

struct FrameRate {
  int numerator = 30;
  int denominator = 1;
  double per_second() const { return static_cast<double>(numerator) / denominator; }
  friend bool operator==(const FrameRate&, const FrameRate&) = default;
};

// The broadcast rate within 1 % of `frames_per_second` (30000/1001 for 29.97), else the nearest whole one, between 1 and 120.
FrameRate snap_frame_rate(double frames_per_second);

class SlotGeometry {
 public:
  static constexpr int kSampleRate = 48000;
  static constexpr std::int64_t kAacFrame = 1024;  // samples

  explicit SlotGeometry(FrameRate rate, std::chrono::milliseconds slot = std::chrono::milliseconds{2000}) : rate_{rate}, slot_{slot} {}

  FrameRate rate() const { return rate_; }
  base::Duration slot_start(std::int64_t slot) const { return slot * slot_; }

  std::int64_t first_frame(std::int64_t slot) const;
  std::int64_t slot_of_frame(std::int64_t frame) const;
  std::int64_t slot_starting_at_or_after(std::int64_t frame) const;
  base::Duration frame_time(std::int64_t frame) const;
  std::int64_t nearest_frame(base::Duration time) const;

  std::int64_t first_aac_frame(std::int64_t slot) const;
  std::int64_t slot_of_aac_frame(std::int64_t frame) const;
  static std::int64_t nearest_sample(base::Duration time);

  // The video track's: every frame starts on a whole unit.
  std::uint32_t video_timescale() const;
  std::uint32_t video_units_per_frame() const;

 private:
  FrameRate rate_;
  std::chrono::milliseconds slot_;
};

}  // namespace server
