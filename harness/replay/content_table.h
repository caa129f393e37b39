// ContentTable: the stream of a recording as sizes: which rungs it has, what they declare, and how many bytes each segment is. No media.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json_reader.h"
#include "base/time.h"
#include "base/units.h"

namespace harness {

struct ContentTable {
  struct Track {
    std::string codecs;
    base::Bitrate declared;  // DASH @bandwidth
    base::ByteCount init;
    std::vector<base::ByteCount> segments;
    std::vector<base::Duration> durations;  // one for each segment
  };
  struct Rung {
    Track track;
    int width = 0, height = 0;
    base::Bitrate hls_bandwidth, hls_average_bandwidth;  // of the variant, audio included
  };
  base::Duration segment_duration{};
  std::vector<Rung> video;                            // ascending by declared bitrate
  Track audio;                                        // as many segments as each rung
  std::vector<std::size_t> hls_order;                 // of the variants in the multivariant playlist; the first is where hls.js starts
  std::map<std::string, base::ByteCount> file_sizes;  // of manifests and playlists: "master.m3u8", "media_0.m3u8"

  std::size_t segment_count() const { return audio.segments.size(); }
};

// Every problem with its path; what comes back is sound only when there is none.
ContentTable read_content(const base::Json& document, std::vector<base::Problem>& problems);
// Throws base::InvalidInput.
ContentTable read_content_file(const std::string& file);

}  // namespace harness
