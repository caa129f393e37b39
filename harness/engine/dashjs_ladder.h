// dashjs::Ladder: the declared rates of a track's renditions in kbit/s, ascending (Representation.bitrateInKbit).
#pragma once

#include <cstddef>
#include <vector>

namespace harness::dashjs {

using Ladder = std::vector<double>;

// The highest rendition within `kbps`, or the lowest (getOptimalRepresentationForBitrate, AbrController.js).
inline std::size_t optimal(const Ladder& ladder, double kbps) {
  std::size_t best = 0;
  for (std::size_t i = 0; i < ladder.size(); ++i) {
    if (ladder[i] <= kbps) best = i;
  }
  return best;
}

}  // namespace harness::dashjs
