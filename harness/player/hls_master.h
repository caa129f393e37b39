// What a player takes from an HLS multivariant playlist: the ladder of one codec family and its audio playlist.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "harness/player/ladder.h"
#include "media/hls.h"

namespace harness {

struct HlsMaster {
  std::vector<Rung> ladder;                // ascending, capped; never empty
  base::SharedText audio_url;              // absolute; empty: muxed or none
  std::vector<std::string> audio_backups;  // of the redundant variants' audio groups
};

// A manifest as sessions share it.
struct HlsManifest {
  HlsMaster master;  // of a media playlist: one rung without a URL
  std::vector<LadderRung> ladder;
  bool independent = false;  // all playlists
  bool is_media_playlist = false;
};
base::Result<HlsManifest> read_hls_manifest(std::string_view body, const std::string& url, int max_height);

// The first variant with video sets the codec family and the audio group; variants of others are alternatives for other devices and
// are left out. A variant that differs from an earlier one in nothing but its URI and audio group is a redundant stream of it. A
// playlist of audio variants only is played as it is.
base::Result<HlsMaster> hls_master(const media::HlsMultivariantPlaylist& playlist, const std::string& url, int max_height);

}  // namespace harness
