// HLS playlists (RFC 8216 and draft-pantos-hls-rfc8216bis): values, a parser that never throws, and a writer. Pure.
// parse(write(x)) gives x for everything these structures hold; target durations are whole seconds (a fraction is rounded up), frame
// rates have three decimals.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/units.h"
#include "media/byte_range.h"

namespace media {

// EXT-X-MAP.
struct HlsInit {
  std::string uri;
  std::optional<ByteRange> range;
  friend bool operator==(const HlsInit&, const HlsInit&) = default;
};

struct HlsSegment {
  std::string uri;  // as written, relative to the playlist
  base::Duration duration{};
  std::optional<ByteRange> range;  // EXT-X-BYTERANGE, its offset made absolute
  std::optional<base::UtcTime> program_date_time;
  std::optional<HlsInit> init;  // the EXT-X-MAP in force
  bool discontinuity = false;
  bool gap = false;  // EXT-X-GAP: listed, but there is nothing to fetch
  friend bool operator==(const HlsSegment&, const HlsSegment&) = default;
};

struct HlsMediaPlaylist {
  int version = 7;
  base::Duration target_duration{};
  std::int64_t media_sequence = 0;
  std::int64_t discontinuity_sequence = 0;
  bool independent_segments = false;
  bool ended = false;                       // EXT-X-ENDLIST
  std::string playlist_type;                // "", "VOD" or "EVENT"
  std::optional<base::Duration> hold_back;  // EXT-X-SERVER-CONTROL:HOLD-BACK
  bool can_block_reload = false;            // EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD
  std::vector<HlsSegment> segments;
  friend bool operator==(const HlsMediaPlaylist&, const HlsMediaPlaylist&) = default;
};

// EXT-X-MEDIA.
struct HlsRendition {
  std::string type;  // AUDIO, VIDEO, SUBTITLES or CLOSED-CAPTIONS
  std::string group;
  std::string name;
  std::string language;
  std::string uri;  // empty: muxed into the variants
  int channels = 0;
  bool is_default = false;
  bool autoselect = false;
  friend bool operator==(const HlsRendition&, const HlsRendition&) = default;
};

// EXT-X-STREAM-INF and the URI after it.
struct HlsVariant {
  std::string uri;
  base::Bitrate bandwidth;  // peak, audio included
  std::optional<base::Bitrate> average_bandwidth;
  std::string codecs;
  int width = 0;
  int height = 0;
  double frame_rate = 0;
  std::string audio_group;
  friend bool operator==(const HlsVariant&, const HlsVariant&) = default;
};

struct HlsMultivariantPlaylist {
  int version = 7;
  bool independent_segments = false;
  std::vector<HlsRendition> renditions;
  std::vector<HlsVariant> variants;  // in the order listed: the first one is where hls.js starts
  friend bool operator==(const HlsMultivariantPlaylist&, const HlsMultivariantPlaylist&) = default;
};

using HlsPlaylist = std::variant<HlsMultivariantPlaylist, HlsMediaPlaylist>;

// The error names the line number and the tag. What would change the meaning of the rest and is not supported (EXT-X-KEY other than
// NONE, EXT-X-SESSION-KEY, EXT-X-DEFINE, EXT-X-I-FRAMES-ONLY) is refused by name, see unsupported.h; other unknown tags are ignored.
base::Result<HlsPlaylist> parse_hls(std::string_view text);

std::string write_hls(const HlsMultivariantPlaylist& playlist);
std::string write_hls(const HlsMediaPlaylist& playlist);
// Its parts, for a writer that keeps them: all that stands before the first segment; an EXT-X-MAP; a segment without that and without its
// discontinuity.
std::string write_hls_head(const HlsMediaPlaylist& playlist);
std::string write_hls(const HlsInit& init);
std::string write_hls(const HlsSegment& segment);

}  // namespace media
