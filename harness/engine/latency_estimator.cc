#include "harness/engine/latency_estimator.h"

#include <algorithm>
#include <cmath>

namespace harness {
namespace {

constexpr std::array kHalfLives_s{3.0, 8.0};

}  // namespace

void LatencyEstimator::add(base::Duration to_first_byte, base::Duration segment) {
  const double segment_s = base::to_seconds(segment);
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    const double kept = std::pow(0.5, segment_s / kHalfLives_s[i]);
    sums_[i] = kept * sums_[i] + (1 - kept) * base::to_seconds(to_first_byte);
  }
  weight_s_ += segment_s;
}

base::Duration LatencyEstimator::estimate() const {
  if (weight_s_ <= 0) return {};
  double largest = 0;
  for (std::size_t i = 0; i < sums_.size(); ++i) largest = std::max(largest, sums_[i] / (1 - std::pow(0.5, weight_s_ / kHalfLives_s[i])));
  return base::Duration{static_cast<std::int64_t>(largest * 1e9)};
}

}  // namespace harness
