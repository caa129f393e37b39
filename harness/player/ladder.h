// The ladder of video renditions a player may choose from: ascending by declared bitrate, capped by the screen.
#pragma once

#include <string>
#include <vector>

#include "base/shared_text.h"
#include "base/units.h"
#include "harness/engine/engine.h"

namespace harness {

struct Rung {
  base::Bitrate bandwidth;
  base::Bitrate average;               // the bandwidth, unless an average is declared
  int height = 0;                      // 0: unknown, never capped
  base::SharedText url;                // HLS: of the playlist, absolute
  std::vector<std::string> backups{};  // HLS: where else the same may be had
  std::size_t origin = 0;              // index in the manifest's own order
};

// More than any service offers; each costs every viewer some memory.
inline constexpr std::size_t kMostRungs = 500;

// Sorted ascending; rungs higher than `max_height` lines left out (0: no cap), but never the last one: the lowest stays.
std::vector<Rung> capped_ladder(std::vector<Rung> rungs, int max_height);

// As engines see them.
std::vector<LadderRung> ladder_of(const std::vector<Rung>& rungs);
// Index of the rung that stands first in the manifest. Requires: there is one.
std::size_t first_of(const std::vector<Rung>& rungs);

}  // namespace harness
