// Live MPDs that are loaded again and again: where one differs from the one before in nothing but its @publishTime and what its
// SegmentTimelines hold, only those are read. Pure; nothing throws.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "base/shared_text.h"
#include "media/dash.h"

namespace media {

// An MPD with what the next one is compared with.
struct MpdReading {
  // What may differ, [begin, end) of the text: the entries of a timeline, or (no representations) the value of @publishTime.
  struct Spot {
    std::size_t begin = 0, end = 0;
    std::vector<std::uint32_t> representations;  // that go by it, in the manifest's order
    friend bool operator==(const Spot&, const Spot&) = default;
  };
  base::SharedText text;
  DashManifest manifest;
  std::vector<Spot> spots;  // as they stand in the text
  friend bool operator==(const MpdReading&, const MpdReading&) = default;
};

// What parse_mpd() gives of the text, whatever `before` is. `before`: an MPD that it may resemble; null: none.
base::Result<MpdReading> read_mpd(const base::SharedText& text, const MpdReading* before);

}  // namespace media
