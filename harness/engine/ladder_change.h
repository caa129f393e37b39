// LadderChange: where the renditions of a ladder are in the one that a reloaded manifest puts in its place.
#pragma once

#include <cstddef>
#include <vector>

#include "harness/engine/engine.h"

namespace harness {

class LadderChange {
 public:
  // Requires: neither is empty.
  LadderChange(const std::vector<LadderRung>& before, const std::vector<LadderRung>& after);
  // Whether it is still there.
  bool keeps(std::size_t rendition) const { return rendition < places_.size() && places_[rendition].same; }
  // Its index now; beyond the ladder, which is none of its renditions, where it is gone.
  std::size_t exact(std::size_t rendition) const { return keeps(rendition) ? places_[rendition].index : size_; }
  // Its index now, or that of the rendition with the rate nearest to its own.
  std::size_t nearest(std::size_t rendition) const { return rendition < places_.size() ? places_[rendition].index : size_ - 1; }

 private:
  struct Place {
    std::size_t index = 0;
    bool same = false;
  };
  std::vector<Place> places_;  // by index before
  std::size_t size_;           // of the ladder now
};

}  // namespace harness
