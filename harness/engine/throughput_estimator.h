// ThroughputEstimator: the smaller of two exponentially weighted averages of download throughput, a fast and a slow one. A sample
// weighs as much as the seconds it took, so many small segments count like one large one.
#pragma once

#include <optional>

#include "base/time.h"
#include "base/units.h"

namespace harness {

class ThroughputEstimator {
 public:
  // Half-lives in time spent downloading; positive.
  struct Options {
    base::Duration fast{}, slow{};
  };
  explicit ThroughputEstimator(Options options) : fast_{options.fast}, slow_{options.slow} {}

  // A body of `size` arrived within `transfer` (time to the first byte left out). An implausibly short transfer (a local cache,
  // a coarse clock) counts as size / 800 Mbit/s, at most 50 ms.
  void add(base::ByteCount size, base::Duration transfer);
  // Absent before the first sample.
  std::optional<base::Bitrate> estimate() const;

 private:
  struct Average {
    explicit Average(base::Duration half_life) : half_life_s{base::to_seconds(half_life)} {}
    void add(double seconds, double value);
    double value() const;
    double half_life_s;
    double sum = 0;
    double weight = 0;
  };
  Average fast_;
  Average slow_;
};

// hls.js weighs by seconds; dash.js by 1.5 x seconds with half-lives 3 and 8.
inline constexpr ThroughputEstimator::Options kHlsThroughput{.fast = std::chrono::seconds{3}, .slow = std::chrono::seconds{9}};
inline constexpr ThroughputEstimator::Options kDashThroughput{.fast = std::chrono::milliseconds{2000},
                                                              .slow = std::chrono::milliseconds{5333}};

}  // namespace harness
