// LatencyEstimator: the time to the first byte, as the larger of a fast and a slow average; a segment weighs as long as it lasts (Sabre).
#pragma once

#include "base/time.h"
#include "harness/engine/decaying_average.h"

namespace harness {

class LatencyEstimator {
 public:
  void add(base::Duration to_first_byte, base::Duration segment);
  // Zero before the first sample.
  base::Duration estimate() const;

 private:
  DecayingAverage fast_{3}, slow_{8};  // by seconds
};

}  // namespace harness
