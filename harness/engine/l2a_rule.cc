#include "harness/engine/l2a_rule.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "harness/engine/ladder_change.h"

namespace harness {
namespace {

using namespace base::literals;

constexpr double kHorizon = 4, kReact = 2;          // HORIZON, REACT
const double kCautious = std::pow(kHorizon, 0.99);  // VL
constexpr base::Duration kSteadyFrom = 1500ms;      // B_target

double mean_kbps(const std::vector<base::Bitrate>& ladder, const std::vector<double>& weights) {
  double sum = 0;
  for (std::size_t i = 0; i < ladder.size(); ++i) sum += weights[i] * ladder[i].kbps();
  return sum;
}

}  // namespace

std::vector<double> projected_on_simplex(const std::vector<double>& numbers) {
  std::vector<double> sorted = numbers;
  std::sort(sorted.begin(), sorted.end(), std::greater<>{});
  double sum = 0, shift = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    sum += sorted[i];
    shift = (sum - 1) / static_cast<double>(i + 1);
    if (i + 1 < sorted.size() && shift >= sorted[i + 1]) break;
  }
  std::vector<double> projected;
  for (const double number : numbers) projected.push_back(std::max(number - shift, 0.0));
  return projected;
}

void L2aRule::received(const AbrReport& report) {
  const base::Duration transfer = report.took - report.to_first_byte;
  last_kbps_ = std::max(base::Bitrate::of(report.size, transfer).kbps(), 1.0);
  last_segment_s_ = base::to_seconds(report.segment_duration);
}

// What it has learned is of the old ladder.
void L2aRule::on_ladder(const LadderChange& change) {
  last_ = change.nearest(last_);
  weights_.clear();
}

std::size_t L2aRule::choose(const AbrSnapshot& snapshot) {
  if (!steady_ || weights_.size() != snapshot.ladder.size() || snapshot.first_choice) return last_ = start(snapshot);
  descend(snapshot);
  const auto& ladder = snapshot.ladder;
  const double mean = mean_kbps(ladder, weights_);
  const auto nearest = std::min_element(ladder.begin(), ladder.end(), [mean](base::Bitrate a, base::Bitrate b) {
    return std::abs(a.kbps() - mean) < std::abs(b.kbps() - mean);
  });
  std::size_t choice = static_cast<std::size_t>(nearest - ladder.begin());
  if (choice > last_ && ladder[last_ + 1].kbps() <= last_kbps_) choice = last_ + 1;
  if (ladder[choice].kbps() >= last_kbps_) multiplier_ = kReact * std::max(kCautious, multiplier_);
  return last_ = choice;
}

std::size_t L2aRule::start(const AbrSnapshot& snapshot) {
  const std::size_t choice = by_throughput_.choose(snapshot);
  steady_ = last_segment_s_ > 0 && snapshot.buffer >= kSteadyFrom;
  weights_.assign(snapshot.ladder.size(), 0);
  weights_[choice] = 1;
  multiplier_ = kCautious;
  return choice;
}

void L2aRule::descend(const AbrSnapshot& snapshot) {
  const double step = last_segment_s_ / (2 * std::max(kHorizon, kCautious * std::sqrt(kHorizon)));
  std::vector<double> moved = weights_;
  for (std::size_t i = 0; i < moved.size(); ++i) {
    const double time = snapshot.ladder[i].kbps() / last_kbps_;  // of loading, in that of playing
    moved[i] += (time > 1 ? -1 : 1) * step * (multiplier_ + kCautious) * time;
  }
  const double before = mean_kbps(snapshot.ladder, weights_);
  weights_ = projected_on_simplex(moved);
  const double after = mean_kbps(snapshot.ladder, weights_);
  multiplier_ = std::max(0.0, multiplier_ - last_segment_s_ + last_segment_s_ * (2 * after - before) / last_kbps_);
}

}  // namespace harness
