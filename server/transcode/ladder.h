// The bit rate ladder: which renditions a source is encoded to. Pure.
#pragma once

#include <vector>

#include "base/units.h"

namespace server {

struct LadderRung {
  int height = 720;
  base::Bitrate bitrate;
  friend bool operator==(const LadderRung&, const LadderRung&) = default;
};

// 720p 2.5 Mbit/s, 480p 1.1, 240p 0.3.
std::vector<LadderRung> default_ladder();

// Square pixels as shown: a sample aspect ratio is already multiplied in.
struct SourceSize {
  int width = 0, height = 0;
};

struct PlannedRung {
  int width = 0, height = 0;  // even
  base::Bitrate bitrate;
  friend bool operator==(const PlannedRung&, const PlannedRung&) = default;
};

// From high to low. Nothing is upscaled: rungs above the source go; when all do, one of the source's size stays, at the lowest rung's
// bit rate. A rung is at least 2x2. Requires: the ladder is not empty.
std::vector<PlannedRung> plan_ladder(std::vector<LadderRung> ladder, SourceSize source);

}  // namespace server
