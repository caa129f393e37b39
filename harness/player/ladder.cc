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

std::size_t highest_within(const std::vector<base::Bitrate>& ladder, base::Bitrate limit) {
  std::size_t best = 0;
  for (std::size_t i = 0; i < ladder.size(); ++i) {
    if (ladder[i] <= limit) best = i;
  }
  return best;
}

}  // namespace harness
