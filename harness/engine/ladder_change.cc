#include "harness/engine/ladder_change.h"

#include <algorithm>
#include <cstdlib>
#include <tuple>

namespace harness {

// Of several renditions of one rate, that of the same height.
LadderChange::LadderChange(const std::vector<LadderRung>& before, const std::vector<LadderRung>& after) : size_{after.size()} {
  places_.reserve(before.size());
  for (const LadderRung& old : before) {
    const auto distance = [&](const LadderRung& rung) {
      return std::tuple{std::abs(rung.peak.bps() - old.peak.bps()), std::abs(rung.height - old.height)};
    };
    const auto place = std::ranges::min_element(after, {}, distance);
    places_.push_back({.index = static_cast<std::size_t>(place - after.begin()), .same = place->peak == old.peak});
  }
}

}  // namespace harness
