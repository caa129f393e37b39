#include "harness/engine/bola_original_rule.h"

#include <algorithm>

namespace harness {
namespace {

constexpr double kGp_s = 5;  // --gamma-p

}  // namespace

void BolaOriginalRule::tune(const AbrSnapshot& snapshot) {
  if (!utility_.is_for(snapshot.ladder)) utility_.set(snapshot.ladder, 0);
  const double segment_s = base::to_seconds(snapshot.segment_duration);
  double buffer_s = base::to_seconds(snapshot.buffer_target);
  if (kind_ == Kind::kO) {
    const std::size_t from_the_ends = std::min(snapshot.segment, snapshot.segments_left.value_or(snapshot.segment));
    buffer_s = std::min(buffer_s, std::max(static_cast<double>(from_the_ends) / 2, 3.0) * segment_s);
  }
  utility_.tune(kGp_s, (buffer_s - segment_s) / (utility_.top() + kGp_s));
}

std::size_t BolaOriginalRule::choose(const AbrSnapshot& snapshot) {
  hold_ = {};
  if (snapshot.first_choice) return last_ = 0;
  tune(snapshot);
  last_ = std::min(last_, snapshot.ladder.size() - 1);
  const std::size_t wanted = utility_.best(base::to_seconds(snapshot.buffer));
  return last_ = wanted > last_ ? limited(snapshot, wanted) : wanted;
}

std::size_t BolaOriginalRule::limited(const AbrSnapshot& snapshot, std::size_t wanted) {
  const std::size_t affordable = highest_in_time(snapshot, snapshot.estimate);
  if (wanted <= affordable) return wanted;
  if (last_ > affordable) return last_;
  if (kind_ == Kind::kBasic) return affordable + 1;
  const double over_s = base::to_seconds(snapshot.buffer) - utility_.greatest_level(affordable);
  if (affordable + 1 < snapshot.ladder.size()) hold_ = base::Duration{static_cast<std::int64_t>(std::max(over_s, 0.0) * 1e9)};
  return affordable;
}

}  // namespace harness
