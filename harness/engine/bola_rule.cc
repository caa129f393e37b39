#include "harness/engine/bola_rule.h"

#include <algorithm>
#include <cmath>

#include "base/ensure.h"

namespace harness {
namespace {

constexpr double kMinimumBuffer = 10;        // seconds
constexpr double kMinimumBufferPerRung = 2;  // seconds more for each rendition

double bits(base::Bitrate rate) { return static_cast<double>(std::max<std::int64_t>(rate.bps(), 1)); }

}  // namespace

std::size_t bola_choice(const std::vector<base::Bitrate>& ladder, double level_s, double buffer_target_s) {
  ENSURE(!ladder.empty());
  const double lowest = bits(ladder.front());
  const double top_utility = std::log(bits(ladder.back()) / lowest) + 1;
  if (top_utility <= 1) return ladder.size() - 1;  // all cost the same: nothing to trade
  const double rungs = static_cast<double>(ladder.size());
  const double buffer = std::max(buffer_target_s, kMinimumBuffer + kMinimumBufferPerRung * rungs);
  const double gp = (top_utility - 1) / (buffer / kMinimumBuffer - 1);
  const double vp = kMinimumBuffer / gp;
  std::size_t best = 0;
  double best_score = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < ladder.size(); ++i) {
    const double utility = std::log(bits(ladder[i]) / lowest) + 1;
    const double score = (vp * (utility - 1 + gp) - level_s) / bits(ladder[i]);
    if (score >= best_score) best_score = score, best = i;
  }
  return best;
}

std::size_t BolaRule::choose(const AbrSnapshot& snapshot) {
  const std::size_t affordable = by_throughput_.choose(snapshot);
  if (snapshot.first_choice || snapshot.buffer < snapshot.segment_duration) return affordable;
  const std::size_t wanted = bola_choice(snapshot.ladder, base::to_seconds(snapshot.buffer), base::to_seconds(snapshot.buffer_target));
  return wanted > snapshot.current ? std::min(wanted, std::max(snapshot.current, affordable)) : wanted;
}

}  // namespace harness
