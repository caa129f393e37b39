#include "harness/engine/media3_live_speed.h"

#include <algorithm>
#include <cmath>

namespace harness {
namespace {

using namespace base::literals;

// DefaultLivePlaybackSpeedControl.java
constexpr double kSlowest = 0.97, kFastest = 1.03;  // DEFAULT_FALLBACK_{MIN,MAX}_PLAYBACK_SPEED
constexpr base::Duration kUpdateEvery = 1s;         // DEFAULT_MIN_UPDATE_INTERVAL_MS
constexpr double kGain = 0.1;                       // DEFAULT_PROPORTIONAL_CONTROL_FACTOR, per second
constexpr double kUnitSpeedWithin_s = 0.02;         // DEFAULT_MAX_LIVE_OFFSET_ERROR_MS_FOR_UNIT_SPEED
constexpr double kAwayOnRebuffer_s = 0.5;           // DEFAULT_TARGET_LIVE_OFFSET_INCREMENT_ON_REBUFFER_MS
constexpr double kSmoothing = 0.999;                // DEFAULT_MIN_POSSIBLE_LIVE_OFFSET_SMOOTHING_FACTOR, at each look
constexpr base::Duration kLookEvery = 10ms;         // ACTIVE_INTERVAL_MS, ExoPlayerImplInternal.java

}  // namespace

void Media3LiveSpeed::aim(base::Duration target) { ideal_s_ = target_s_ = base::to_seconds(target); }

void Media3LiveSpeed::rebuffered() {
  if (!has_aim()) return;
  target_s_ += kAwayOnRebuffer_s;
  updated_.reset();
}

// The player looks every 10 ms; here as many looks are made up for as fit since the last one, as if between the two what they saw had gone
// from one to the other evenly. How close it could be moves away with time, and comes nearer while media arrives.
void Media3LiveSpeed::note_possible(base::Instant now, double possible_s) {
  if (!noted_) {
    possible_s_ = possible_s;
  } else if (now > *noted_) {
    const double kept = std::pow(kSmoothing, base::to_seconds(now - *noted_) / base::to_seconds(kLookEvery));
    const double off_before = std::abs(seen_s_ - possible_s_);
    possible_s_ = std::max(possible_s, kept * possible_s_ + (1 - kept) * (seen_s_ + possible_s) / 2);
    deviation_s_ = kept * deviation_s_ + (1 - kept) * (off_before + std::abs(possible_s - possible_s_)) / 2;
  }
  seen_s_ = possible_s;
  noted_ = now;
}

void Media3LiveSpeed::move_target(double latency_s) {
  const double safe_s = possible_s_ + 3 * deviation_s_;
  if (target_s_ > safe_s) {
    const double most_s = (speed_ - 1) + (kFastest - 1);  // in an interval of a second
    target_s_ = std::max({safe_s, ideal_s_, target_s_ - most_s});
  } else {
    const double slowing_down_now_s = latency_s - std::max(0.0, speed_ - 1) / kGain;
    target_s_ = std::clamp(slowing_down_now_s, target_s_, safe_s);
  }
}

double Media3LiveSpeed::speed(base::Instant now, base::Duration latency, base::Duration buffered) {
  if (!has_aim()) return 1;
  note_possible(now, base::to_seconds(latency - buffered));
  if (!is_due(now)) return speed_;
  updated_ = now;
  move_target(base::to_seconds(latency));
  const double error_s = base::to_seconds(latency) - target_s_;
  speed_ = std::abs(error_s) < kUnitSpeedWithin_s ? 1 : std::clamp(1 + kGain * error_s, kSlowest, kFastest);
  return speed_;
}

bool Media3LiveSpeed::is_due(base::Instant now) const { return has_aim() && (!updated_ || now - *updated_ >= kUpdateEvery); }

std::optional<base::Instant> Media3LiveSpeed::next_update() const {
  if (!has_aim() || !updated_) return std::nullopt;
  return *updated_ + kUpdateEvery;
}

base::Duration Media3LiveSpeed::target() const { return base::Duration{static_cast<std::int64_t>(target_s_ * 1e9)}; }

}  // namespace harness
