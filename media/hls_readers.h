// The two kinds of playlist behind parse_hls(). Private to media/.
#pragma once

#include <optional>
#include <string>

#include "media/hls.h"
#include "media/hls_lines.h"
#include "media/hls_reload.h"

namespace media {

// A problem with one tag, without its place; nullopt when all is well.
using HlsProblem = std::optional<std::string>;

base::Result<HlsMultivariantPlaylist> read_multivariant(HlsLines lines);
// Without its text. `before`: null, or a reading that this one may take segments over from.
base::Result<HlsReading> read_media_playlist(HlsLines lines, const HlsReading* before);

// Tags that only a multivariant playlist may hold.
bool is_multivariant_tag(std::string_view tag);

// Tags that change the meaning of the others and that no reader here understands.
std::optional<base::Error> unsupported_tag(const HlsLine& line);

// "line 7: EXTINF: reason".
base::Error hls_error(const HlsLine& line, const std::string& problem);

}  // namespace media
