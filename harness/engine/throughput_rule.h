// ThroughputRule: the highest rendition within a fixed share of the estimated throughput.
#pragma once

#include "harness/engine/abr_rule.h"

namespace harness {

class ThroughputRule final : public AbrRule {
 public:
  explicit ThroughputRule(double safety_factor) : safety_factor_{safety_factor} {}
  bool minds_segments() const override { return false; }
  // The first choice takes the estimate as it is: a prior is not a measurement to be careful with.
  std::size_t choose(const AbrSnapshot& snapshot) override;

 private:
  double safety_factor_;
};

}  // namespace harness
