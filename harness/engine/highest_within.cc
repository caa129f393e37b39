#include "harness/engine/highest_within.h"

namespace harness {

std::size_t highest_within(const std::vector<base::Bitrate>& ladder, base::Bitrate limit) {
  std::size_t best = 0;
  for (std::size_t i = 0; i < ladder.size(); ++i) {
    if (ladder[i] <= limit) best = i;
  }
  return best;
}

}  // namespace harness
