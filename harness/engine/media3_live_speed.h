// How fast Media3 plays a live stream to keep its distance to now (DefaultLivePlaybackSpeedControl.java; Media3 1.11.0): a proportional
// controller between 0.97 and 1.03, once a second; a rebuffering moves the target 500 ms away, and the way back is as slow as the
// buffer shows to be safe.
#pragma once

#include <optional>

#include "base/compact_optional.h"
#include "base/time.h"

namespace harness {

class Media3LiveSpeed {
 public:
  // Where the distance to now should be. The first target stays the ideal one.
  void aim(base::Duration target);
  bool has_aim() const { return ideal_s_ > 0; }
  void rebuffered();
  // While playing: `latency` behind now, `buffered` on the poorer track.
  double speed(base::Instant now, base::Duration latency, base::Duration buffered);
  // What speed() has answered at this instant, if it was asked.
  std::optional<double> known(base::Instant now) const;
  std::optional<base::Instant> next_update() const;
  base::Duration target() const;

 private:
  void note_possible(base::Instant now, double possible_s);
  void move_target(double latency_s);

  double ideal_s_ = 0, target_s_ = 0;
  double speed_ = 1;
  base::CompactOptional<base::Instant> updated_, noted_;
  double possible_s_ = 0, deviation_s_ = 0;  // smoothed: how close to now the player could be
};

}  // namespace harness
