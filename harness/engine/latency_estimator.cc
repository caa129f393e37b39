#include "harness/engine/latency_estimator.h"

#include <algorithm>

namespace harness {

void LatencyEstimator::add(base::Duration to_first_byte, base::Duration segment) {
  fast_.add(base::to_seconds(segment), base::to_seconds(to_first_byte));
  slow_.add(base::to_seconds(segment), base::to_seconds(to_first_byte));
}

base::Duration LatencyEstimator::estimate() const {
  if (fast_.empty()) return {};
  const double largest_s = std::max({fast_.value(), slow_.value(), 0.0});
  return base::Duration{static_cast<std::int64_t>(largest_s * 1e9)};
}

}  // namespace harness
