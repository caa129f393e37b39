// LossProcess: decides for one packet after the other whether it is lost. Used by LinkModel only.
#pragma once

#include "base/random.h"
#include "netem/model/impairment.h"

namespace netem {

class LossProcess {
 public:
  explicit LossProcess(const Loss& loss) {
    if (const auto* random = std::get_if<RandomLoss>(&loss))
      model_ = {.to_bad = 0, .to_good = 1, .loss_in_bad = 1, .loss_in_good = random->probability};
    else
      model_ = std::get<BurstLoss>(loss);
  }

  bool loses_next(base::Random& random) {
    if (is_bad_ || model_.to_bad > 0) is_bad_ = random.chance(is_bad_ ? 1 - model_.to_good : model_.to_bad);
    const double probability = is_bad_ ? model_.loss_in_bad : model_.loss_in_good;
    return probability > 0 && random.chance(probability);
  }

 private:
  BurstLoss model_;  // random loss is a burst model that never leaves the good state
  bool is_bad_ = false;
};

}  // namespace netem
