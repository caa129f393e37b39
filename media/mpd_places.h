// Where in an MPD's text its elements stand. Private to media/.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "media/dash.h"

namespace media {

// Offsets of elements' names, as pugixml counts them: in the text as UTF-8; -1: none.
struct MpdPlaces {
  std::ptrdiff_t root = -1;
  std::vector<std::ptrdiff_t> timelines;  // the SegmentTimeline of each representation, in the manifest's order
};

base::Result<DashManifest> parse_mpd(std::string_view text, MpdPlaces& places);

}  // namespace media
