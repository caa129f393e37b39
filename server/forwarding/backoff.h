// Backoff: how long to wait before a destination is tried again: twice as long each time, so that one that is gone for good costs nothing
// and one that is back is found soon. Pure.
#pragma once

#include <algorithm>
#include <utility>

#include "base/time.h"

namespace server {

class Backoff {
 public:
  static constexpr base::Duration kFirst = std::chrono::milliseconds{500};
  static constexpr base::Duration kMost = std::chrono::seconds{10};
  // A connection that lasted so long was a good one: the next wait is the first again.
  static constexpr base::Duration kGood = std::chrono::seconds{10};

  base::Duration next() { return std::exchange(next_, std::min(next_ * 2, kMost)); }
  void note_connection(base::Duration lasted) {
    if (lasted >= kGood) next_ = kFirst;
  }

 private:
  base::Duration next_ = kFirst;
};

}  // namespace server
