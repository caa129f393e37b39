#include "harness/run/pace.h"

namespace harness {

void Pace::add(base::Instant wall, const SimulatedWork& work) {
  marks_.push_back({wall, work});
  while (marks_.size() > 2 && wall - marks_[1].wall >= kSpan) marks_.pop_front();
}

std::optional<double> Pace::rate() const {
  if (marks_.size() < 2 || marks_.back().wall == marks_.front().wall) return std::nullopt;
  return (marks_.back().work.done - marks_.front().work.done) / base::to_seconds(marks_.back().wall - marks_.front().wall);
}

std::optional<base::Duration> Pace::left() const {
  const auto now = rate();
  if (!now || *now <= 0) return std::nullopt;
  return base::from_seconds(marks_.back().work.to_come / *now);
}

}  // namespace harness
