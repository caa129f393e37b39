// A DASH manifest as Tracks: the first video and the first audio adaptation set of each period, joined over the periods.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "harness/player/ladder.h"
#include "harness/player/track.h"
#include "media/dash.h"

namespace harness {

struct DashTracks {
  std::vector<Rung> ladder;  // of the first period
  std::vector<Track> video;  // parallel to the ladder; audio when there is no video
  std::optional<Track> audio;
};

base::Result<DashTracks> dash_tracks(const media::DashManifest& manifest, int max_height);

}  // namespace harness
