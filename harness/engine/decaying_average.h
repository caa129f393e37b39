// DecayingAverage: an exponentially weighted average. It starts at zero; dividing by what the samples weigh so far takes that bias out.
#pragma once

#include <cmath>

namespace harness {

class DecayingAverage {
 public:
  // In the unit of the weights; positive.
  explicit DecayingAverage(double half_life) : half_life_{half_life} {}
  void add(double weight, double value) {
    const double kept = std::pow(0.5, weight / half_life_);
    sum_ = kept * sum_ + (1 - kept) * value;
    weight_ += weight;
  }
  bool empty() const { return weight_ <= 0; }
  double weight() const { return weight_; }
  // Requires: not empty.
  double value() const { return sum_ / (1 - std::pow(0.5, weight_ / half_life_)); }

 private:
  double half_life_;
  double sum_ = 0, weight_ = 0;
};

}  // namespace harness
