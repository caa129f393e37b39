// What a manifest says of a track's bit rate. While a stream is live that is what its encoder is set to (a manifest must not change
// its mind while it is played); a finished one is measured. Pure.
#pragma once

#include "server/package/presentation.h"

namespace server {

struct DeclaredRate {
  base::Bitrate peak;  // the busiest segment
  base::Bitrate average;
};

DeclaredRate declared_rate(const Snapshot& stream, const TrackSnapshot& track);

}  // namespace server
