// JumpMeter: finds where the timestamps of a source's pictures do not go on with the clock: back, ahead of arrival, or behind it for good.
// Pictures that come late in a burst, after a stall of the connection, are no jump; slow drift between the two clocks is followed. Pure;
// one thread.
#pragma once

#include <optional>

#include "base/time.h"

namespace server {

class JumpMeter {
 public:
  // Returns: by how much this picture's timestamp is off, seen from where it should be; nothing while all is well. Requires: `arrived`
  // never goes back.
  std::optional<base::Duration> take(base::Instant arrived, base::Duration timestamp, base::Duration limit);
  void reset() { last_.reset(); }

 private:
  struct Picture {
    base::Instant arrived;
    base::Duration timestamp;
  };
  std::optional<Picture> last_;
  base::Duration usual_lead_{};  // timestamp minus arrival
  std::optional<base::Instant> behind_since_;
};

}  // namespace server
