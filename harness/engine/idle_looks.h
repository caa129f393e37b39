// IdleLooks: a player's timer that looks again and again whether its buffer has fallen below a level, and finds that it has not. While
// nothing happens but play, what it will find is known before: which of its looks is the first that could find the buffer lower. Whoever
// asks anew at every event need not wake up for those before. Where timers run late it is not known when a look will be made: pass over
// none there (rate 0). Pure.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace harness {

class IdleLooks {
 public:
  // The first is at `first`, and the others every `period` after it.
  void begin(base::Instant first, base::Duration period) { last_ = first - period, period_ = period; }
  void end() { period_ = {}; }
  bool are_idle() const { return period_ > base::Duration{}; }

  // When the buffer could be below a level, if play goes on at `rate` (0: it does not play): `now` or later. `above`: how much media is
  // buffered beyond the level.
  static base::Instant falls(base::Instant now, base::Duration above, double rate) {
    if (rate <= 0 || above <= kMargin) return now;
    return now + base::Duration{static_cast<std::int64_t>(static_cast<double>((above - kMargin).count()) / rate)};
  }
  // A look whose time has come is made, however late. Of those to come: the first at or after `earliest`. Requires: are_idle().
  base::Instant first(base::Instant earliest) const {
    const std::int64_t looks = (earliest - last_ + period_ - base::Duration{1}) / period_;
    return last_ + (looks > 1 ? looks : 1) * period_;
  }

 private:
  static constexpr base::Duration kMargin = std::chrono::milliseconds{1};  // a look too early finds nothing and does no harm
  base::Instant last_{};                                                   // before the first of them
  base::Duration period_{};                                                // zero: not idle
};

}  // namespace harness
