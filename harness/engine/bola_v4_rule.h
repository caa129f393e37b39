// BolaV4Rule: BolaRule with the score of dash.js 4 (utilities from 1 up count in full; dash.js 5 takes 1 off), without its placeholder.
// bola_e_rule.h has that.
#pragma once

#include "harness/engine/bola_utility.h"
#include "harness/engine/throughput_rule.h"

namespace harness {

class BolaV4Rule final : public AbrRule {
 public:
  explicit BolaV4Rule(double safety_factor) : by_throughput_{safety_factor} {}
  std::size_t choose(const AbrSnapshot& snapshot) override;

 private:
  ThroughputRule by_throughput_;
  BolaUtility utility_;
};

}  // namespace harness
