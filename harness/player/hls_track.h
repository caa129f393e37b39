// An HLS media playlist as a Track, placed on the presentation timeline that the session's other playlists share.
#pragma once

#include <optional>
#include <span>

#include "base/result.h"
#include "harness/player/track.h"
#include "media/hls.h"

namespace harness {

// The date of the playlist's first segment, from the first EXT-X-PROGRAM-DATE-TIME in it.
std::optional<base::UtcTime> date_of_start(const media::HlsMediaPlaylist& playlist);

// The presentation time of the playlist's first segment: that of the same segment number in one of `known` (the same rendition's
// earlier listing first), unless the dates say it is another segment; else by its date (`zero`: the date of presentation time 0);
// else following the first of `known`; else 0.
base::Duration aligned_start(const media::HlsMediaPlaylist& playlist, std::span<const Track* const> known,
                             std::optional<base::UtcTime> zero);

// Segments of no length are left out; a dated discontinuity may step forward. Empty when nothing is listed.
Track hls_track(const media::HlsMediaPlaylist& playlist, base::Duration start, std::optional<base::UtcTime> zero);

}  // namespace harness
