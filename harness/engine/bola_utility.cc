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

void BolaUtility::set(std::span<const double> kbps, double lowest) {
  ENSURE(!kbps.empty());
  lowest_ = lowest;
  rungs_.clear();
  rungs_.reserve(kbps.size());
  const double offset = lowest - std::log(kbps.front());
  for (const double rate : kbps) rungs_.push_back({rate, std::log(rate) + offset});
}

void BolaUtility::tune_for(double buffer_target, double least) {
  const double buffer = std::max(least + least / 5 * static_cast<double>(rungs_.size()), buffer_target);
  const double gp = is_flat() ? 1e-9 : (top() - lowest_) / (buffer / least - 1);
  tune(gp, least / gp);
}

bool BolaUtility::is_for(const std::vector<base::Bitrate>& ladder) const {
  return rungs_.size() == ladder.size() && std::equal(rungs_.begin(), rungs_.end(), ladder.begin(),
                                                      [](const Rung& rung, base::Bitrate other) { return rung.kbps == bola_rate(other); });
}

std::size_t BolaUtility::best(double level, Equals equals) const {
  std::size_t best = 0;
  double best_score = (greatest_level(0) - level) / rungs_[0].kbps;
  for (std::size_t i = 1; i < rungs_.size(); ++i) {
    const double score = (greatest_level(i) - level) / rungs_[i].kbps;
    if (score > best_score || (score == best_score && equals == Equals::kHigher)) best_score = score, best = i;
  }
  return best;
}

double BolaUtility::least_level(std::size_t rendition) const {
  double least = 0;
  const auto [rate, utility] = rungs_[rendition];
  for (std::size_t i = 0; i < rendition; ++i) {
    const Rung& lower = rungs_[i];
    if (lower.utility >= utility) continue;
    least = std::max(least, vp_ * (gp_ + (rate * lower.utility - lower.kbps * utility) / (rate - lower.kbps)));
  }
  return least;
}

}  // namespace harness
