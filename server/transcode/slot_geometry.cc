#include "server/transcode/slot_geometry.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace server {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::uint32_t kUsualTimescale = 90000;

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return -floor_div(-a, b); }

}  // namespace

FrameRate snap_frame_rate(double frames_per_second) {
  constexpr std::array kBroadcast{FrameRate{24000, 1001}, FrameRate{24, 1}, FrameRate{25, 1},       FrameRate{30000, 1001},
                                  FrameRate{30, 1},       FrameRate{50, 1}, FrameRate{60000, 1001}, FrameRate{60, 1}};
  const auto distance = [&](FrameRate rate) { return std::abs(rate.per_second() - frames_per_second); };
  const FrameRate nearest = *std::ranges::min_element(kBroadcast, {}, distance);
  if (distance(nearest) < 0.01 * frames_per_second) return nearest;
  return {static_cast<int>(std::lround(std::clamp(frames_per_second, 1.0, 120.0))), 1};
}

std::int64_t SlotGeometry::first_frame(std::int64_t slot) const {
  return ceil_div(slot * slot_.count() * rate_.numerator, std::int64_t{1000} * rate_.denominator);
}

std::int64_t SlotGeometry::slot_of_frame(std::int64_t frame) const {
  return floor_div(frame * 1000 * rate_.denominator, slot_.count() * rate_.numerator);
}

std::int64_t SlotGeometry::slot_starting_at_or_after(std::int64_t frame) const {
  const std::int64_t slot = slot_of_frame(frame);
  return first_frame(slot) == frame ? slot : slot + 1;
}

// Whole seconds first: the product of nanoseconds and a rate would overflow after days.
base::Duration SlotGeometry::frame_time(std::int64_t frame) const {
  const std::int64_t scaled = frame * rate_.denominator;
  const std::int64_t seconds = floor_div(scaled, rate_.numerator);
  return base::Duration{seconds * kSecond + (scaled - seconds * rate_.numerator) * kSecond / rate_.numerator};
}

std::int64_t SlotGeometry::nearest_frame(base::Duration time) const {
  const std::int64_t block = kSecond * rate_.denominator;  // holds `numerator` frames
  const std::int64_t blocks = floor_div(time.count(), block);
  return blocks * rate_.numerator + ((time.count() - blocks * block) * rate_.numerator + block / 2) / block;
}

std::int64_t SlotGeometry::first_aac_frame(std::int64_t slot) const {
  return ceil_div(slot * slot_.count() * (kSampleRate / 1000), kAacFrame);
}

std::int64_t SlotGeometry::slot_of_aac_frame(std::int64_t frame) const {
  return floor_div(frame * kAacFrame, slot_.count() * (kSampleRate / 1000));
}

std::int64_t SlotGeometry::nearest_sample(base::Duration time) {
  const std::int64_t seconds = floor_div(time.count(), kSecond);
  return seconds * kSampleRate + ((time.count() - seconds * kSecond) * kSampleRate + kSecond / 2) / kSecond;
}

std::uint32_t SlotGeometry::video_timescale() const {
  const bool whole = static_cast<std::int64_t>(kUsualTimescale) * rate_.denominator % rate_.numerator == 0;
  if (whole) return kUsualTimescale;
  return static_cast<std::uint32_t>(rate_.denominator == 1 ? rate_.numerator * 1000 : rate_.numerator);
}

std::uint32_t SlotGeometry::video_units_per_frame() const {
  return static_cast<std::uint32_t>(static_cast<std::int64_t>(video_timescale()) * rate_.denominator / rate_.numerator);
}

}  // namespace server
