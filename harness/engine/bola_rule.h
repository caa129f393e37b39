// BolaRule: chooses by buffer level (Spiteri, Urgaonkar, Sitaraman 2016), basic form without a placeholder buffer, with the
// parameters and the score of dash.js 5 (5.2.1, BolaRule.js). While less than a segment is buffered, throughput
// decides; above that, a step up never goes beyond what throughput allows.
#pragma once

#include "harness/engine/throughput_rule.h"

namespace harness {

class BolaRule final : public AbrRule {
 public:
  explicit BolaRule(double safety_factor) : by_throughput_{safety_factor} {}
  std::size_t choose(const AbrSnapshot& snapshot) override;

 private:
  ThroughputRule by_throughput_;
};

// The rendition with the best score at `level` seconds of buffer. Requires: at least one rendition.
std::size_t bola_choice(const std::vector<base::Bitrate>& ladder, double level_s, double buffer_target_s);

}  // namespace harness
