// L2aRule: Learn2Adapt-LowLatency, online convex optimisation for short buffers (Karagkioules, Mekuria, Griffioen, Wagenaar: "Online
// learning for low-latency adaptive streaming", MMSys 2020; steps as in dash.js 5.2.1, L2ARule.js). A probability of each rendition is
// moved along the gradient of the time that buffering takes, by a multiplier that grows while segments take longer than they last. Rates
// are kbit/s throughout; dash.js 5.2.1 mixes bit/s into its multiplier.
#pragma once

#include "harness/engine/throughput_rule.h"

namespace harness {

class L2aRule final : public AbrRule {
 public:
  explicit L2aRule(double safety_factor) : by_throughput_{safety_factor} {}
  bool chooses_once() const override { return true; }
  std::size_t choose(const AbrSnapshot& snapshot) override;
  void received(const AbrReport& report) override;
  void on_ladder(const LadderChange& change) override;

 private:
  std::size_t start(const AbrSnapshot& snapshot);
  void descend(const AbrSnapshot& snapshot);

  ThroughputRule by_throughput_;
  bool steady_ = false;
  std::vector<double> weights_;  // probabilities, by rendition
  double multiplier_ = 0;
  double last_kbps_ = 0;       // of the last segment
  double last_segment_s_ = 0;  // its duration
  std::size_t last_ = 0;
};

// The nearest probabilities to any numbers (arXiv 1101.6081).
std::vector<double> projected_on_simplex(const std::vector<double>& numbers);

}  // namespace harness
