#include "harness/engine/throughput_estimator.h"

#include <algorithm>

namespace harness {

void ThroughputEstimator::add(base::ByteCount size, base::Duration transfer) {
  if (size.count() <= 0) return;
  const double bits = static_cast<double>(size.count()) * 8;
  const double shortest = std::min(0.05, bits / 800e6);
  const double seconds = std::clamp(base::to_seconds(transfer), shortest, 3600.0);
  fast_.add(seconds, bits / seconds);
  slow_.add(seconds, bits / seconds);
}

std::optional<base::Bitrate> ThroughputEstimator::estimate() const {
  if (fast_.empty()) return std::nullopt;
  return base::Bitrate::bits_per_second(static_cast<std::int64_t>(std::min(fast_.value(), slow_.value())));
}

}  // namespace harness
