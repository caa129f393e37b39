#include "harness/engine/bola_e_rule.h"

#include <algorithm>

namespace harness {
std::size_t BolaERule::choose(const AbrSnapshot& snapshot) {
  hold_ = {};
  if (snapshot.first_choice) return 0;
  if (!steady_ || !utility_.is_for(snapshot.ladder)) return start(snapshot);
  last_ = std::min(last_, snapshot.ladder.size() - 1);
  const std::size_t choice = wanted(snapshot);
  spend(snapshot, choice);
  const std::size_t capped = insufficient_buffer_.cap(snapshot, choice);
  if (capped < choice) {
    hold_ = {};
    const double most_s = std::max(0.0, utility_.least_level(capped) - base::to_seconds(snapshot.buffer));
    placeholder_s_ = std::min(placeholder_s_, most_s);
  }
  return capped;
}

// What throughput allows, and as much placeholder as makes BOLA choose the same.
std::size_t BolaERule::start(const AbrSnapshot& snapshot) {
  steady_ = true;
  insufficient_buffer_ = {};
  utility_.set(snapshot.ladder, 1);
  utility_.tune_for(base::to_seconds(snapshot.buffer_target));
  const std::size_t choice = highest_in_time(snapshot, snapshot.estimate);
  placeholder_s_ = std::max(0.0, utility_.least_level(choice) - base::to_seconds(snapshot.buffer));
  return choice;
}

std::size_t BolaERule::wanted(const AbrSnapshot& snapshot) const {
  const std::size_t best = utility_.best(base::to_seconds(snapshot.buffer) + placeholder_s_);
  const std::size_t affordable = highest_in_time(snapshot, snapshot.estimate);
  if (best <= last_ || best <= affordable) return best;
  return std::max(last_, affordable) + (calm_ ? 0 : 1);
}

// Beyond the level at which the choice is worth loading, first the placeholder is used up, then the player waits; not at the top.
void BolaERule::spend(const AbrSnapshot& snapshot, std::size_t choice) {
  const double over_s = base::to_seconds(snapshot.buffer) + placeholder_s_ - utility_.greatest_level(choice);
  if (over_s <= 0) return;
  const double from_placeholder_s = std::min(over_s, placeholder_s_);
  placeholder_s_ -= from_placeholder_s;
  if (choice + 1 < snapshot.ladder.size()) hold_ = base::Duration{static_cast<std::int64_t>((over_s - from_placeholder_s) * 1e9)};
}

void BolaERule::received(const AbrReport& report) {
  last_ = report.rendition;
  if (!steady_) return;
  const double level_s = base::to_seconds(report.buffer + report.segment_duration), level_was_s = level_s + base::to_seconds(report.took);
  placeholder_s_ = std::min(placeholder_s_, std::max(0.0, utility_.greatest_level(report.rendition) - level_was_s));
  if (level_s > 0) placeholder_s_ = std::max(placeholder_s_, utility_.least_level(report.rendition) - level_was_s);
}

}  // namespace harness
