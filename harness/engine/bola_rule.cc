#include "harness/engine/bola_rule.h"

#include <algorithm>

namespace harness {
namespace {

constexpr double kLeast_s = 10;  // MINIMUM_BUFFER_S, BolaRule.js

}  // namespace

std::size_t BolaRule::by_level(const std::vector<base::Bitrate>& ladder, double level_s, double buffer_target_s) {
  if (!utility_.is_for(ladder)) utility_.set(bola_rates(ladder), score_ == Score::kDashJs4 ? 1 : 0);
  utility_.tune_for(buffer_target_s, kLeast_s);
  return utility_.best(level_s, BolaUtility::Equals::kHigher);
}

std::size_t BolaRule::choose(const AbrSnapshot& snapshot) {
  const std::size_t affordable = by_throughput_.choose(snapshot);
  if (snapshot.first_choice || snapshot.buffer < snapshot.segment_duration) return affordable;
  const std::size_t wanted = by_level(snapshot.ladder, base::to_seconds(snapshot.buffer), base::to_seconds(snapshot.buffer_target));
  return wanted > snapshot.current ? std::min(wanted, std::max(snapshot.current, affordable)) : wanted;
}

}  // namespace harness
