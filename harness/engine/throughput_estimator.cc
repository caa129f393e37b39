#include "harness/engine/throughput_estimator.h"

#include <algorithm>
#include <cmath>

namespace harness {

void ThroughputEstimator::Average::add(double seconds, double value) {
  const double kept = std::pow(0.5, seconds / half_life_s);
  sum = value * (1 - kept) + kept * sum;
  weight += seconds;
}

// The average starts at zero; dividing by what the samples weigh so far takes that bias out.
double ThroughputEstimator::Average::value() const { return sum / (1 - std::pow(0.5, weight / half_life_s)); }

void ThroughputEstimator::add(base::ByteCount size, base::Duration transfer) {
  if (size.count() <= 0) return;
  const double bits = static_cast<double>(size.count()) * 8;
  const double shortest = std::min(0.05, bits / 800e6);
  const double seconds = std::clamp(base::to_seconds(transfer), shortest, 3600.0);
  fast_.add(seconds, bits / seconds);
  slow_.add(seconds, bits / seconds);
}

std::optional<base::Bitrate> ThroughputEstimator::estimate() const {
  if (fast_.weight <= 0) return std::nullopt;
  return base::Bitrate::bits_per_second(static_cast<std::int64_t>(std::min(fast_.value(), slow_.value())));
}

}  // namespace harness
