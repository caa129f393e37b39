// The two kinds of playlist behind parse_hls(). Private to media/.
#pragma once

#include <optional>
#include <string>

#include "media/hls.h"
#include "media/hls_lines.h"

namespace media {

// A problem with one tag, without its place; nullopt when all is well.
using HlsProblem = std::optional<std::string>;

base::Result<HlsMultivariantPlaylist> read_multivariant(HlsLines lines);
base::Result<HlsMediaPlaylist> read_media_playlist(HlsLines lines);

// Tags that change the meaning of the others and that no reader here understands.
std::optional<base::Error> unsupported_tag(const HlsLine& line);

// "line 7: EXTINF: reason".
base::Error hls_error(const HlsLine& line, const std::string& problem);

}  // namespace media
