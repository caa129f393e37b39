// Level: what hls.js remembers of a rendition (types/level.ts). hls.js calls renditions levels; so do the hlsjs_ files.
#pragma once

#include <cstdint>
#include <span>

#include "base/time.h"
#include "base/units.h"

namespace harness::hlsjs {

struct Level {
  base::Bitrate peak, average;       // BANDWIDTH, AVERAGE-BANDWIDTH
  bool listed = false;               // its playlist is here
  std::uint16_t load_errors = 0;     // it was left because of them; until a segment of it is buffered
  std::uint16_t segment_errors = 0;  // failed requests for segments
  bool has_failed() const { return load_errors > 0 || segment_errors > 0; }
};
using Levels = std::span<const Level>;  // ascending

}  // namespace harness::hlsjs
