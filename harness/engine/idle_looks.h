// IdleLooks: a player's timer that looks again and again whether its buffer has fallen below a level, and finds that it has not. While
// nothing happens but play, what it will find is known before: which of its looks is the first that could find the buffer lower. Whoever
// asks anew at every event need not wake up for those before. Where timers run late it is not known when a look will be made: pass over
// none there (rate 0). Pure.
#pragma once

#include <cstdint>

#include "base/compact_optional.h"
#include "base/time.h"

namespace harness {

class IdleLooks {
 public:
  // Looks are made from now on, the first at `first`.
  void begin(base::Instant first) { first_ = first; }
  void end() { first_.reset(); }
  bool are_idle() const { return first_.has_value(); }

  // When the buffer could be below a level, if play goes on at `rate` (0: it does not play): `now` or later. `above`: how much media is
  // buffered beyond the level.
  static base::Instant falls(base::Instant now, base::Duration above, double rate) {
    if (rate <= 0 || above <= kMargin) return now;
    return now + base::Duration{static_cast<std::int64_t>(static_cast<double>((above - kMargin).count()) / rate)};
  }
  // Of the looks, which follow each other in `period`, the first at or after `earliest`; one whose time has come is made, however late.
  // Requires: are_idle().
  base::Instant next(base::Instant earliest, base::Duration period) const {
    const std::int64_t passed = (earliest - *first_ + period - base::Duration{1}) / period;
    return *first_ + (passed > 0 ? passed : 0) * period;
  }

 private:
  static constexpr base::Duration kMargin = std::chrono::milliseconds{1};  // a look too early finds nothing and does no harm
  base::CompactOptional<base::Instant> first_;                             // nothing: not idle
};

}  // namespace harness
