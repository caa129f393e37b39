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

// Files with an index are unread (Track::unread()) until read_index.
base::Result<DashTracks> dash_tracks(const media::DashManifest& manifest, int max_height);

// The track's first unread index has come: `partial` says that the bytes are the range that was asked for, not the whole file.
base::Result<void> read_index(Track& track, std::string_view bytes, bool partial);

}  // namespace harness
