// Plays a track of a snapshot the way a strict player would: init segment and segments through libavformat and libavcodec.
#pragma once

#include <string>
#include <vector>

#include "server/package/presentation.h"

namespace server {

struct Played {
  int errors = 0;                   // of the demuxer or decoder
  std::vector<double> frame_times;  // seconds, of every decoded frame
  std::vector<int> brightness;      // of each picture's middle; empty for sound
  friend bool operator==(const Played&, const Played&) = default;
};

inline std::string joined(const TrackSnapshot& track) {
  std::string bytes = *track.info.init;
  for (const auto* list : {&track.retained, &track.listed}) {
    for (const Segment& segment : *list) bytes += segment.bytes == nullptr ? "" : *segment.bytes;
  }
  return bytes;
}

Played play(const TrackSnapshot& track);

}  // namespace server
