#include "harness/engine/robust_mpc_rule.h"

#include <algorithm>
#include <cmath>

#include "harness/engine/ladder_change.h"

namespace harness {
namespace {

constexpr std::size_t kStepsAhead = 5;

// Tries every plan that may still beat the best one.
class Planner {
 public:
  Planner(const AbrSnapshot& snapshot, double rate) : ladder_{snapshot.ladder}, rate_{rate} {
    segment_s_ = base::to_seconds(snapshot.segment_duration);
    top_ = mbps(ladder_.size() - 1);
  }
  std::size_t best_first_step(double buffer_s, std::size_t last, std::size_t steps) {
    plan(buffer_s, last, steps, 0, ladder_.size());
    return first_;
  }

 private:
  double mbps(std::size_t rendition) const { return static_cast<double>(ladder_[rendition].bps()) / 1e6; }
  void plan(double buffer_s, std::size_t last, std::size_t steps, double worth, std::size_t first) {
    if (steps == 0) {
      if (worth > best_) best_ = worth, first_ = first;
      return;
    }
    if (worth + static_cast<double>(steps) * top_ <= best_) return;
    for (std::size_t i = ladder_.size(); i-- > 0;) {
      const double takes_s = mbps(i) * 1e6 * segment_s_ / rate_;
      const double stall_s = std::max(takes_s - buffer_s, 0.0);
      const double gain = mbps(i) - std::abs(mbps(i) - mbps(last)) - top_ * stall_s;
      plan(std::max(buffer_s - takes_s, 0.0) + segment_s_, i, steps - 1, worth + gain, first == ladder_.size() ? i : first);
    }
  }

  const std::vector<base::Bitrate>& ladder_;
  double rate_, segment_s_ = 0, top_ = 0;
  double best_ = -1e300;
  std::size_t first_ = 0;
};

}  // namespace

double RobustMpcRule::harmonic_mean() const {
  const std::size_t known = std::min(count_, kMemory);
  double sum = 0;
  for (std::size_t i = 0; i < known; ++i) sum += 1 / rates_[i];
  return known == 0 ? 0 : static_cast<double>(known) / sum;
}

double RobustMpcRule::foreseen() const { return harmonic_mean() / (1 + *std::max_element(errors_.begin(), errors_.end())); }

void RobustMpcRule::received(const AbrReport& report) {
  const double rate = static_cast<double>(std::max<std::int64_t>(base::Bitrate::of(report.size, report.took).bps(), 1));
  errors_[count_ % kMemory] = count_ == 0 ? 0 : std::abs(harmonic_mean() - rate) / rate;
  rates_[count_ % kMemory] = rate;
  ++count_;
  last_ = report.rendition;
}

void RobustMpcRule::on_ladder(const LadderChange& change) { last_ = change.nearest(last_); }

std::size_t RobustMpcRule::choose(const AbrSnapshot& snapshot) {
  if (count_ == 0) return 0;
  const std::size_t steps = std::clamp<std::size_t>(snapshot.segments_left.value_or(kStepsAhead), 1, kStepsAhead);
  return Planner{snapshot, foreseen()}.best_first_step(base::to_seconds(snapshot.buffer), std::min(last_, snapshot.ladder.size() - 1),
                                                       steps);
}

}  // namespace harness
