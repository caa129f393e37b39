// Bandwidth: what hls.js knows of the link (utils/ewma-bandwidth-estimator.ts): throughput as the smaller of two averages, and an
// average of the time to first byte. Starts from an assumption, and again from another one whenever a download is given up.
#pragma once

#include "harness/engine/throughput_estimator.h"

namespace harness::hlsjs {

class Bandwidth {
 public:
  explicit Bandwidth(base::Bitrate assumed) : assumed_{assumed} {}

  void add_first_byte(base::Duration after_call);
  // `loading`: the call to the end of parsing.
  void add(base::ByteCount size, base::Duration loading, base::Duration first_byte);

  std::optional<base::Bitrate> measured() const { return throughput_.estimate(); }
  base::Bitrate estimate() const { return measured().value_or(assumed_); }
  base::Duration first_byte() const;

 private:
  base::Bitrate assumed_;
  ThroughputEstimator throughput_{kHlsThroughput};  // abrEwmaFastVoD, abrEwmaSlowVoD, config.ts; the same for live
  DecayingAverage first_byte_{9};                   // milliseconds; abrEwmaSlowVoD, in units of weight
};

}  // namespace harness::hlsjs
