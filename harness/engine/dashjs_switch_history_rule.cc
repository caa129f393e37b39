#include "harness/engine/dashjs_switch_history_rule.h"

#include <algorithm>

#include "harness/engine/ladder_change.h"

namespace harness::dashjs {
namespace {

constexpr std::size_t kGone = 0x7FFF;     // more than any ladder has
constexpr double kDropsPerOther = 0.075;  // switchPercentageThreshold, Settings.js

}  // namespace

void SwitchHistoryRule::on_decision(std::size_t from, std::size_t to) {
  decisions_[count_++ % kSamples] = {.from = static_cast<std::uint16_t>(from & kGone), .drop = to < from};
}

// What is gone is no longer asked about (the requests are kept by the representation's id).
void SwitchHistoryRule::on_ladder(const LadderChange& change) {
  for (Decision& each : decisions_)
    each.from = static_cast<std::uint16_t>((change.keeps(each.from) ? change.exact(each.from) : kGone) & kGone);
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
