// The bandwidth estimate of Shaka: the smaller of two moving averages weighted by time, and which parts of a download become its samples
// (lib/abr/ewma_bandwidth_estimator.js, lib/abr/ewma.js, lib/net/http_fetch_plugin.js). Time to the first byte counts.
#pragma once

#include "base/time.h"
#include "base/units.h"
#include "harness/engine/decaying_average.h"
#include "harness/engine/engine.h"

namespace harness::shaka {

class Bandwidth {
 public:
  // Parts below 5 ms (from a cache) or 16 kB are left out.
  void add(base::ByteCount size, base::Duration took);
  // 128 kB were sampled: the estimate is used.
  bool is_good() const;
  base::Bitrate estimate(base::Bitrate prior) const;

 private:
  DecayingAverage fast_{2}, slow_{5};  // by seconds: abr.advanced.fastHalfLife, slowHalfLife, player_configuration.js
  base::ByteCount sampled_{};
};

// Splits one track's downloads into parts of more than 100 ms and at least 16 kB; the end of a download ends its last part.
class ProgressMeter {
 public:
  struct Part {
    base::ByteCount size;
    base::Duration took{};
  };
  // This news of a running download ends a part.
  bool ends_part(const Download& download) const;
  // News from then on might.
  Heed may_end_part(const Download& download) const;
  // Nothing: no part ends here.
  std::optional<Part> part(const Download& download, bool complete);

 private:
  base::Instant asked_{}, since_{};
  base::ByteCount received_{};
};

}  // namespace harness::shaka
