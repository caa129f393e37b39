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
  // A look, while playing: `latency` behind now, `buffered` on the poorer track.
  double speed(base::Instant now, base::Duration latency, base::Duration buffered);
  // It may be another one if it looks now.
  bool is_due(base::Instant now) const;
  double last() const { return speed_; }
  std::optional<base::Instant> next_update() const;
  base::Duration target() const;

 private:
  void note_possible(base::Instant now, double possible_s);
  void move_target(double latency_s);

  double ideal_s_ = 0, target_s_ = 0;
  double speed_ = 1;
  base::CompactOptional<base::Instant> updated_, noted_;
  double seen_s_ = 0;                        // at the last look: how close to now the player could be
  double possible_s_ = 0, deviation_s_ = 0;  // that, smoothed
};

}  // namespace harness
