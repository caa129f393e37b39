#include "server/ingest/health/sound_meter.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace server {
namespace {

double energy_of(const std::vector<float>& samples) {
  // Four sums at once: a single one would wait for itself at each sample.
  double sums[4] = {};
  std::size_t i = 0;
  for (; i + 4 <= samples.size(); i += 4)
    for (std::size_t lane = 0; lane < 4; ++lane)
      sums[lane] += static_cast<double>(samples[i + lane]) * static_cast<double>(samples[i + lane]);
  for (; i < samples.size(); ++i) sums[0] += static_cast<double>(samples[i]) * static_cast<double>(samples[i]);
  return sums[0] + sums[1] + sums[2] + sums[3];
}

}  // namespace

double level_of(const AudioBlock& block) {
  const std::size_t count = block.left.size() + block.right.size();
  if (count == 0) return kLowestLevel;
  const double mean = (energy_of(block.left) + energy_of(block.right)) / static_cast<double>(count);
  // Not a number: samples that are none.
  return mean > 0 ? std::max(kLowestLevel, 10 * std::log10(mean)) : kLowestLevel;
}

void SoundMeter::take(base::Instant now, const AudioBlock& block, double limit) {
  level_ = level_of(block);
  last_ = now;
  if (level_ >= limit)
    silent_since_.reset();
  else if (!silent_since_)
    silent_since_ = now;
}

std::optional<base::Instant> SoundMeter::silent_since(base::Instant now, base::Duration patience) const {
  if (silent_since_) return silent_since_;
  return is_missing(now, patience) ? last_ : std::nullopt;
}

void SoundMeter::reset() {
  last_.reset();
  silent_since_.reset();
  level_ = kLowestLevel;
}

}  // namespace server
