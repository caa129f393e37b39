// ThroughputIbrRule: the highest rendition that arrives in time at a share of the estimate, and that the buffer can wait for: Sabre's
// "throughput". The first segment is of the lowest rendition.
#pragma once

#include "harness/engine/sabre_throughput.h"

namespace harness {

class ThroughputIbrRule final : public AbrRule {
 public:
  explicit ThroughputIbrRule(double safety_factor) : safety_factor_{safety_factor} {}
  bool chooses_once() const override { return true; }
  std::size_t choose(const AbrSnapshot& snapshot) override {
    if (snapshot.first_choice) return 0;
    return insufficient_buffer_.cap(snapshot, highest_in_time(snapshot, snapshot.estimate * safety_factor_));
  }

 private:
  double safety_factor_;
  InsufficientBuffer insufficient_buffer_;
};

}  // namespace harness
