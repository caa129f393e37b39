// A DASH manifest as sessions share it: its tracks, and where and when it wants things asked for.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "harness/player/dash_tracks.h"
#include "media/mpd_reload.h"

namespace harness {

// A UTCTiming by HTTP.
struct DashClock {
  std::string url;
  bool by_header = false;  // HEAD, Date
};

struct DashStream {
  DashTracks tracks;
  std::vector<LadderRung> ladder;
  std::vector<std::string> base_urls;     // MPD level, absolute; never empty
  base::SharedText url;                   // where it is asked for again
  std::optional<base::UtcTime> time;      // UTCTiming urn:mpeg:dash:utc:direct: when it arrives
  std::vector<DashClock> clocks;          // to be asked in turn until one answers; none with `time`
  bool dynamic = false, bounded = false;  // bounded: it says where it ends
  std::optional<base::Duration> update_period, depth, suggested_delay;
  base::Duration min_buffer{};                         // minBufferTime; zero: it does not say
  std::optional<base::UtcTime> zero;                   // availabilityStartTime of a dynamic one
  std::shared_ptr<const media::MpdReading> reading{};  // of one that is asked for again: the next is read by what has changed
};

// `from`: where it was found in the end.
base::Result<DashStream> dash_stream(const media::DashManifest& manifest, const base::SharedText& from, int max_height);

}  // namespace harness
