#include "harness/player/ladder.h"

#include <algorithm>

namespace harness {

std::vector<Rung> capped_ladder(std::vector<Rung> rungs, int max_height) {
  std::stable_sort(rungs.begin(), rungs.end(), [](const Rung& a, const Rung& b) { return a.bandwidth < b.bandwidth; });
  if (max_height <= 0 || rungs.empty()) return rungs;
  const auto lowest = std::min_element(rungs.begin(), rungs.end(), [](const Rung& a, const Rung& b) { return a.height < b.height; });
  const int allowed = std::max(max_height, lowest->height);
  std::erase_if(rungs, [allowed](const Rung& rung) { return rung.height > allowed; });
  return rungs;
}

std::vector<LadderRung> ladder_of(const std::vector<Rung>& rungs) {
  std::vector<LadderRung> ladder;
  ladder.reserve(rungs.size());
  for (const Rung& rung : rungs) ladder.push_back({.peak = rung.bandwidth, .average = rung.average, .height = rung.height});
  return ladder;
}

std::size_t first_of(const std::vector<Rung>& rungs) {
  const auto first = std::min_element(rungs.begin(), rungs.end(), [](const Rung& a, const Rung& b) { return a.origin < b.origin; });
  return static_cast<std::size_t>(first - rungs.begin());
}

}  // namespace harness
