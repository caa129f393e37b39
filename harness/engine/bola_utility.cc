#include "harness/engine/bola_utility.h"

#include <algorithm>
#include <cmath>

#include "base/ensure.h"

namespace harness {
namespace {

double bola_rate(base::Bitrate rate) { return static_cast<double>(std::max<std::int64_t>(rate.bps(), 1)) / 1000; }

}  // namespace

std::vector<double> bola_rates(const std::vector<base::Bitrate>& ladder) {
  std::vector<double> kbps;
  kbps.reserve(ladder.size());
  for (const base::Bitrate rate : ladder) kbps.push_back(bola_rate(rate));
  return kbps;
}

void BolaUtility::set(std::vector<double> kbps, double lowest) {
  ENSURE(!kbps.empty());
  kbps_ = std::move(kbps);
  lowest_ = lowest;
  utilities_.clear();
  const double offset = lowest - std::log(kbps_.front());
  for (const double rate : kbps_) utilities_.push_back(std::log(rate) + offset);
}

void BolaUtility::tune_for(double buffer_target, double least) {
  const double buffer = std::max(least + least / 5 * static_cast<double>(kbps_.size()), buffer_target);
  const double gp = is_flat() ? 1e-9 : (top() - lowest_) / (buffer / least - 1);
  tune(gp, least / gp);
}

bool BolaUtility::is_for(const std::vector<base::Bitrate>& ladder) const {
  return kbps_.size() == ladder.size() &&
         std::equal(kbps_.begin(), kbps_.end(), ladder.begin(), [](double kbps, base::Bitrate other) { return kbps == bola_rate(other); });
}

std::size_t BolaUtility::best(double level, Equals equals) const {
  std::size_t best = 0;
  double best_score = (greatest_level(0) - level) / kbps_[0];
  for (std::size_t i = 1; i < kbps_.size(); ++i) {
    const double score = (greatest_level(i) - level) / kbps_[i];
    if (score > best_score || (score == best_score && equals == Equals::kHigher)) best_score = score, best = i;
  }
  return best;
}

double BolaUtility::least_level(std::size_t rendition) const {
  double least = 0;
  const double rate = kbps_[rendition], utility = utilities_[rendition];
  for (std::size_t i = 0; i < rendition; ++i) {
    if (utilities_[i] >= utility) continue;
    least = std::max(least, vp_ * (gp_ + (rate * utilities_[i] - kbps_[i] * utility) / (rate - kbps_[i])));
  }
  return least;
}

}  // namespace harness
