// Estimates: Sabre's moving averages (Ewma, half-lives 3 and 8 s): the smaller one of throughput, by time of transfer; the larger one of
// latency, a segment weighing as long as it lasts. And how far throughput was off.
#pragma once

#include <algorithm>

#include "harness/abr/figures.h"
#include "harness/engine/decaying_average.h"

namespace harness::abr {

class Estimates {
 public:
  explicit Estimates(double segment_ms) : latency_fast_{kFast_ms / segment_ms}, latency_slow_{kSlow_ms / segment_ms} {}
  double kbps() const { return kbps_; }
  double latency_ms() const { return latency_ms_; }
  void add(double transfer_ms, double kbps, double latency_ms) {
    for (DecayingAverage* average : {&fast_, &slow_}) average->add(transfer_ms, kbps);
    for (DecayingAverage* average : {&latency_fast_, &latency_slow_}) average->add(1, latency_ms);
    kbps_ = std::min(fast_.value(), slow_.value());
    latency_ms_ = std::max(latency_fast_.value(), latency_slow_.value());
  }
  // A transfer turned out to have `kbps`.
  void compare(double kbps) {
    const double over = kbps_ - kbps;
    if (kbps_ > kbps)
      over_ += (over - over_) / ++over_count_;
    else
      under_ += (-over - under_) / ++under_count_;
    mean_ += (over - mean_) / (over_count_ + under_count_);
  }
  void report(Figures& figures) const {
    figures.over_estimate_count = over_count_;
    figures.over_estimate = over_;
    figures.leq_estimate_count = under_count_;
    figures.leq_estimate = under_;
    figures.estimate = mean_;
  }

 private:
  static constexpr double kFast_ms = 3000, kSlow_ms = 8000;
  DecayingAverage fast_{kFast_ms}, slow_{kSlow_ms};
  DecayingAverage latency_fast_, latency_slow_;
  double kbps_ = 0, latency_ms_ = 0;
  double over_count_ = 0, over_ = 0, under_count_ = 0, under_ = 0, mean_ = 0;
};

}  // namespace harness::abr
