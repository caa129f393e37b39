// Media playlists that are loaded again and again while their stream is live: a head that is the same but for its EXT-X-MEDIA-SEQUENCE and
// segments whose lines stood in the one before are taken from it, the rest is parsed. Pure; nothing throws.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "base/shared_text.h"
#include "media/hls.h"

namespace media {

// A media playlist with what the next one is compared with.
struct HlsReading {
  // The lines of a segment, from where those of the segment before it end.
  struct Lines {
    std::uint32_t end = 0;     // offset in the text, behind the URI's line
    std::uint32_t number = 0;  // of the URI's line
    bool has_map = false;
    bool alone = true;  // what they say concerns this segment only and depends on no other line but the EXT-X-MAP in force
    friend bool operator==(const Lines&, const Lines&) = default;
  };
  // All lines behind #EXTM3U that concern more than a segment, and those among them; offsets in the text.
  struct Head {
    std::uint32_t begin = 0;
    std::uint32_t digits = 0, digits_end = 0;  // of EXT-X-MEDIA-SEQUENCE
    std::uint32_t end = 0;                     // 0: the playlist has no such head
    std::uint32_t last_number = 0;             // of its last line
    friend bool operator==(const Head&, const Head&) = default;
  };
  base::SharedText text;
  HlsMediaPlaylist playlist;
  Head head;
  std::vector<Lines> lines;  // by segment
  friend bool operator==(const HlsReading&, const HlsReading&) = default;
};

// What parse_hls() gives of the text, whatever `before` is; a multivariant playlist is an error. `before`: a playlist that it may
// resemble; null: none.
base::Result<HlsReading> read_hls(const base::SharedText& text, const HlsReading* before);

}  // namespace media
