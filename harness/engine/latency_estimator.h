// LatencyEstimator: the time to the first byte, as the larger of a fast and a slow average; a segment weighs as long as it lasts (Sabre).
#pragma once

#include <array>

#include "base/time.h"

namespace harness {

class LatencyEstimator {
 public:
  void add(base::Duration to_first_byte, base::Duration segment);
  // Zero before the first sample.
  base::Duration estimate() const;

 private:
  std::array<double, 2> sums_{};
  double weight_s_ = 0;
};

}  // namespace harness
