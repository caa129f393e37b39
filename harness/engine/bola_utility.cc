#include "harness/engine/bola_utility.h"

#include <algorithm>
#include <cmath>

#include "base/ensure.h"

namespace harness {
namespace {

double kbps(base::Bitrate rate) { return static_cast<double>(std::max<std::int64_t>(rate.bps(), 1)) / 1000; }

// Scores are equal within this share: BOLA-E puts the level right where two of them meet.
constexpr double kEqual = 1e-9;

}  // namespace

void BolaUtility::set(const std::vector<base::Bitrate>& ladder, double lowest) {
  ENSURE(!ladder.empty());
  rates_.clear();
  utilities_.clear();
  for (const base::Bitrate rate : ladder) {
    rates_.push_back(kbps(rate));
    utilities_.push_back(std::log(rates_.back()) + (lowest - std::log(rates_.front())));
  }
}

void BolaUtility::tune_for(double buffer_target_s) {
  constexpr double kLowest_s = 10, kPerRung_s = 2;  // MINIMUM_BUFFER_S, MINIMUM_BUFFER_PER_BITRATE_LEVEL_S, BolaRule.js
  const double buffer_s = std::max(buffer_target_s, kLowest_s + kPerRung_s * static_cast<double>(rates_.size()));
  const double gp = std::max(top() - utilities_.front(), 1e-9) / (buffer_s / kLowest_s - 1);
  tune(gp, kLowest_s / gp);
}

bool BolaUtility::is_for(const std::vector<base::Bitrate>& ladder) const {
  return rates_.size() == ladder.size() &&
         std::equal(rates_.begin(), rates_.end(), ladder.begin(), [](double rate, base::Bitrate other) { return rate == kbps(other); });
}

std::size_t BolaUtility::best(double level_s) const {
  std::size_t best = 0;
  double best_score = (greatest_level(0) - level_s) / rates_[0];
  for (std::size_t i = 1; i < rates_.size(); ++i) {
    const double score = (greatest_level(i) - level_s) / rates_[i];
    if (score > best_score - std::abs(best_score) * kEqual) best_score = score, best = i;
  }
  return best;
}

double BolaUtility::least_level(std::size_t rendition) const {
  double least = 0;
  const double rate = rates_[rendition], utility = utilities_[rendition];
  for (std::size_t i = 0; i < rendition; ++i) {
    if (utilities_[i] >= utility) continue;
    least = std::max(least, vp_ * (gp_ + (rate * utilities_[i] - rates_[i] * utility) / (rate - rates_[i])));
  }
  return least;
}

}  // namespace harness
