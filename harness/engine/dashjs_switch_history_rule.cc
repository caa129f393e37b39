#include "harness/engine/dashjs_switch_history_rule.h"

namespace harness::dashjs {
namespace {

constexpr double kDropsPerOther = 0.075;  // switchPercentageThreshold, Settings.js

}  // namespace

void SwitchHistoryRule::on_decision(std::size_t from, std::size_t to) {
  decisions_[count_++ % kSamples] = {.from = static_cast<std::uint16_t>(from & 0x7FFF), .drop = to < from};
}

// From the lowest rendition up, until the decisions met so far are all there are to be kept.
std::optional<std::size_t> SwitchHistoryRule::limit(std::size_t renditions) const {
  if (count_ < kSamples) return std::nullopt;
  double drops = 0, others = 0;
  for (std::size_t i = 0; i < renditions; ++i) {
    bool dropped = false;
    for (const Decision& each : decisions_) {
      if (each.from != i) continue;
      (each.drop ? drops : others) += 1;
      dropped |= each.drop;
    }
    if (drops + others >= kSamples && drops > kDropsPerOther * others) return i > 0 && dropped ? i - 1 : i;
  }
  return std::nullopt;
}

}  // namespace harness::dashjs
