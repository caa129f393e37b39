// DYNAMIC: throughput while the buffer is short, BOLA once it is long (dash.js 5.2 ABRStrategy "abrDynamic"; Spiteri et al.,
// "From Theory to Practice", MMSys 2018).
#pragma once

#include "harness/engine/bola_rule.h"
#include "harness/engine/throughput_rule.h"

namespace harness {

class DynamicRule final : public AbrRule {
 public:
  explicit DynamicRule(double safety_factor) : by_throughput_{safety_factor}, by_buffer_{safety_factor} {}
  std::size_t choose(const AbrSnapshot& snapshot) override;

 private:
  ThroughputRule by_throughput_;
  BolaRule by_buffer_;
  bool trusts_buffer_ = false;
};

}  // namespace harness
