// SkewMeter: how much later a source's sound comes than the pictures of the same timestamps. Each track's lateness (arrival minus
// timestamp) is smoothed; a step in it, as at a restart, is taken over at once. Pure; one thread.
#pragma once

#include <optional>

#include "base/time.h"

namespace server {

class SkewMeter {
 public:
  void take_picture(base::Instant arrived, base::Duration timestamp) { video_.take(arrived, timestamp); }
  void take_sound(base::Instant arrived, base::Duration timestamp) { audio_.take(arrived, timestamp); }
  // Sound behind the pictures is positive. Nothing before both have come.
  std::optional<base::Duration> skew() const;
  // Returns: since when the skew, either way, is above the limit.
  std::optional<base::Instant> apart_since(base::Instant now, base::Duration limit);
  void reset();

 private:
  struct Track {
    void take(base::Instant arrived, base::Duration timestamp);
    std::optional<base::Duration> last;  // timestamp
    base::Duration lateness{};
  };
  Track video_, audio_;
  std::optional<base::Instant> apart_since_;
};

}  // namespace server
