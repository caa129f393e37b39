// The ladder of video renditions a player may choose from: ascending by declared bitrate, capped by the screen.
#pragma once

#include <string>
#include <vector>

#include "base/units.h"

namespace harness {

struct Rung {
  base::Bitrate bandwidth;
  int height = 0;          // 0: unknown, never capped
  std::string url;         // HLS: of the playlist, absolute
  std::size_t origin = 0;  // index in the manifest's own order
};

// Sorted ascending; rungs higher than `max_height` lines left out (0: no cap), but never the last one: the lowest stays.
std::vector<Rung> capped_ladder(std::vector<Rung> rungs, int max_height);

// Index of the highest rung not above `limit`, or 0.
std::size_t highest_within(const std::vector<base::Bitrate>& ladder, base::Bitrate limit);

}  // namespace harness
