// DelayProcess: the delay of one packet after the other, and the order in which they arrive. Used by LinkModel only.
#pragma once

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "netem/model/impairment.h"

namespace netem {

class DelayProcess {
 public:
  explicit DelayProcess(const ImpairmentSpec& spec)
      : deviation_{static_cast<double>(spec.jitter.deviation.count())},
        correlation_{spec.jitter.correlation},
        innovation_{std::sqrt(1 - correlation_ * correlation_)},
        reorder_{spec.reorder},
        keep_order_{spec.jitter.keep_order} {}

  // When a packet arrives that leaves the queue at `sent` and whose delay without jitter is `delay`.
  base::Instant arrival(base::Instant sent, base::Duration delay, base::Random& random) {
    if (reorder_ > 0 && random.chance(reorder_)) return sent;
    if (deviation_ > 0) delay = std::max(base::Duration::zero(), delay + next_jitter(random));
    const base::Instant arrives = keep_order_ ? std::max(sent + delay, last_) : sent + delay;
    return last_ = arrives;
  }

 private:
  // First-order autoregression with unit variance; the first value is drawn from the stationary distribution.
  base::Duration next_jitter(base::Random& random) {
    const double fresh = random.normal();
    state_ = has_state_ ? correlation_ * state_ + innovation_ * fresh : fresh;
    has_state_ = true;
    return base::Duration{std::llround(deviation_ * state_)};
  }

  double deviation_;  // nanoseconds
  double correlation_, innovation_;
  double reorder_;
  bool keep_order_;
  bool has_state_ = false;
  double state_ = 0;
  base::Instant last_ = base::Instant::min();
};

}  // namespace netem
