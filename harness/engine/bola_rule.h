// BolaRule: chooses by buffer level (Spiteri, Urgaonkar, Sitaraman 2016), basic form without a placeholder buffer, with the
// parameters and the score of dash.js 5 (5.2.1, BolaRule.js) or 4, of which utilities from 1 up count in full; dash.js 5 takes 1 off.
// While less than a segment is buffered, throughput decides; above that, a step up never goes beyond what throughput allows. What
// dash.js does with a placeholder: dashjs_bola.h (5) and sabre_bola_e.h (4).
#pragma once

#include "harness/engine/bola_utility.h"
#include "harness/engine/throughput_rule.h"

namespace harness {

class BolaRule final : public AbrRule {
 public:
  enum class Score { kDashJs4, kDashJs5 };
  explicit BolaRule(double safety_factor, Score score = Score::kDashJs5) : by_throughput_{safety_factor}, score_{score} {}
  std::size_t choose(const AbrSnapshot& snapshot) override;
  // The rendition with the best score, whatever throughput allows.
  std::size_t by_level(const std::vector<base::Bitrate>& ladder, double level_s, double buffer_target_s);

 private:
  ThroughputRule by_throughput_;
  Score score_;
  BolaUtility utility_;
};

}  // namespace harness
