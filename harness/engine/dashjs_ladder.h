// dashjs::Ladder: the declared rates of a track's renditions in kbit/s, ascending (Representation.bitrateInKbit); a view of the session's.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "harness/engine/engine.h"

namespace harness::dashjs {

class Ladder {
 public:
  explicit Ladder(std::span<const LadderRung> rungs) : rungs_{rungs} {}
  std::size_t size() const { return rungs_.size(); }
  // Of the highest one for what is beyond it, which a new manifest may have taken away. Requires: at least one rendition.
  double operator[](std::size_t i) const { return static_cast<double>(rungs_[std::min(i, rungs_.size() - 1)].peak.bps()) / 1000; }

 private:
  std::span<const LadderRung> rungs_;
};

// The highest rendition within `kbps`, or the lowest (getOptimalRepresentationForBitrate, AbrController.js).
inline std::size_t optimal(const Ladder& ladder, double kbps) {
  std::size_t best = 0;
  for (std::size_t i = 0; i < ladder.size(); ++i) {
    if (ladder[i] <= kbps) best = i;
  }
  return best;
}

}  // namespace harness::dashjs
