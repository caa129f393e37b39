// FluidQueue: work that is served in order at a constant rate, as a fluid: what comes waits until everything before it is through.
// Deterministic, no events: one addition and one division for each arrival. Pure.
#pragma once

#include <algorithm>
#include <optional>

#include "base/time.h"

namespace harness {

class FluidQueue {
 public:
  FluidQueue() = default;  // without limit: nothing ever waits
  // Requires: per_second > 0. Whoever would wait longer than `longest_wait` is turned away and adds nothing.
  FluidQueue(double per_second, base::Duration longest_wait) : per_nanosecond_{per_second / 1e9}, longest_wait_{longest_wait} {}

  // How long `amount` waits before its own service begins; nothing when it is turned away. Instants must not fall.
  std::optional<base::Duration> admit(base::Instant now, double amount) {
    if (per_nanosecond_ <= 0) return base::Duration{};
    const base::Duration wait = backlog(now);
    if (wait > longest_wait_) return std::nullopt;
    if (wait == base::Duration{}) busy_since_ = now, amount_ = 0;
    amount_ += amount;
    free_at_ = busy_since_ + service(amount_);  // from the beginning of the busy time, so that no rounding adds up
    return wait;
  }
  base::Duration backlog(base::Instant now) const { return std::max(free_at_ - now, base::Duration{}); }
  // Of `amount` alone.
  base::Duration service(double amount) const {
    if (per_nanosecond_ <= 0) return {};
    return base::Duration{static_cast<std::int64_t>(amount / per_nanosecond_)};
  }

 private:
  double per_nanosecond_ = 0;
  base::Duration longest_wait_{};
  base::Instant busy_since_{}, free_at_{};
  double amount_ = 0;  // admitted since busy_since_
};

}  // namespace harness
