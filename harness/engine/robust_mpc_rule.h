// RobustMpcRule: looks five segments ahead and takes the first step of the best plan (Yin, Jindal, Sekar, Sinopoli: "A Control-Theoretic
// Approach for Dynamic Adaptive Video Streaming over HTTP", SIGCOMM 2015, RobustMPC). A plan is worth its bitrates, less their changes,
// less its stalls at the top rendition's rate a second. Throughput is foreseen as the harmonic mean of the last five segments, less the
// worst recent error. Sizes of segments are not known ahead: their declared rates are taken.
#pragma once

#include <array>

#include "harness/engine/abr_rule.h"

namespace harness {

class RobustMpcRule final : public AbrRule {
 public:
  std::size_t choose(const AbrSnapshot& snapshot) override;
  void received(const AbrReport& report) override;
  void on_ladder(const LadderChange& change) override;
  // bit/s; 0 before the first segment.
  double foreseen() const;

 private:
  static constexpr std::size_t kMemory = 5;
  double harmonic_mean() const;

  std::array<double, kMemory> rates_{}, errors_{};  // rings; 0: none
  std::size_t count_ = 0;
  std::size_t last_ = 0;
};

}  // namespace harness
