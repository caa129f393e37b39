#include "harness/engine/shaka_variant_rule.h"

namespace harness::shaka {
namespace {

using namespace std::chrono_literals;

// abr.bandwidthDowngradeTarget, player_configuration.js. bandwidthUpgradeTarget (0.85) never decides: it only ends the range of a variant,
// above the point where the range of the next one begins, and of two that fit the higher is taken.
constexpr double kShare = 0.95;
constexpr base::Duration kSwitchInterval = 8s;  // abr.switchInterval

}  // namespace

std::size_t choose(std::span<const Variant> variants, base::Bitrate estimate, double playback_rate, base::Instant now) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    if (variants[i].disabled_until > now) continue;
    const double needed = static_cast<double>(variants[i].rate.bps()) * playback_rate / kShare;
    if (!best || static_cast<double>(estimate.bps()) >= needed) best = i;
  }
  return best.value_or(0);
}

bool SwitchInterval::is_over(base::Instant now, bool estimate_is_good) {
  if (!started_) return started_ = estimate_is_good;
  return now - last_ >= kSwitchInterval;
}

}  // namespace harness::shaka
