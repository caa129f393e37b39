// The ladder of a stream's specification, or the default one.
#pragma once

#include <vector>

#include "server/package/streams.h"
#include "server/transcode/ladder.h"

namespace server {

inline std::vector<LadderRung> ladder_of(const StreamSpec& spec) {
  if (spec.ladder.empty()) return default_ladder();
  std::vector<LadderRung> ladder;
  for (const Rung& rung : spec.ladder) ladder.push_back({.height = rung.height, .bitrate = rung.bitrate});
  return ladder;
}

}  // namespace server
