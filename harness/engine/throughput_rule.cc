#include "harness/engine/throughput_rule.h"

#include "base/ensure.h"
#include "harness/engine/highest_within.h"

namespace harness {

std::size_t ThroughputRule::choose(const AbrSnapshot& snapshot) {
  ENSURE(!snapshot.ladder.empty());
  const double share = snapshot.first_choice ? 1.0 : safety_factor_;
  return highest_within(snapshot.ladder, snapshot.estimate * share);
}

}  // namespace harness
