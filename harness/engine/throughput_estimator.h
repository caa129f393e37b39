// ThroughputEstimator: the smaller of two exponentially weighted averages of download throughput, a fast and a slow one. A sample
// weighs as much as the seconds it took, so many small segments count like one large one.
#pragma once

#include <optional>

#include "base/time.h"
#include "base/units.h"
#include "harness/engine/decaying_average.h"

namespace harness {

class ThroughputEstimator {
 public:
  // Half-lives in time spent downloading; positive.
  struct Options {
    base::Duration fast{}, slow{};
  };
  explicit ThroughputEstimator(Options options) : fast_{base::to_seconds(options.fast)}, slow_{base::to_seconds(options.slow)} {}

  // A body of `size` arrived within `transfer` (time to the first byte left out). An implausibly short transfer (a local cache,
  // a coarse clock) counts as size / 800 Mbit/s, at most 50 ms.
  void add(base::ByteCount size, base::Duration transfer);
  // Absent before the first sample.
  std::optional<base::Bitrate> estimate() const;

 private:
  DecayingAverage fast_, slow_;  // by seconds
};

// hls.js weighs by seconds; dash.js by 1.5 x seconds with half-lives 3 and 8.
inline constexpr ThroughputEstimator::Options kHlsThroughput{.fast = std::chrono::seconds{3}, .slow = std::chrono::seconds{9}};
inline constexpr ThroughputEstimator::Options kDashThroughput{.fast = std::chrono::milliseconds{2000},
                                                              .slow = std::chrono::milliseconds{5333}};

}  // namespace harness
