// Presentation: one stream as viewers see it: aligned tracks of CMAF segments in memory. The packager publishes, delivery reads
// immutable snapshots. Thread-safe; readers never wait for the media path longer than a pointer copy.
//
// URLs, relative to the stream's folder. Files of a track: `init.mp4`, `playlist.m3u8`, and each segment under two names:
//   TRACK/123.m4s      by number: HLS (Segment::number is the media sequence number)
//   TRACK/t246000.m4s  by start in the track's timescale: DASH, whose SegmentTimeline leaves a hole where a slot is a gap; $Time$
//                      needs no count of the missing numbers, so a player on either side of the hole asks for the same file
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "media/mp4.h"

namespace server {

using Bytes = std::shared_ptr<const std::string>;

struct Segment {
  std::int64_t number = 0;  // the same in every track; segment n of a live stream covers [n, n+1) x the segment duration
  std::int64_t start = 0;   // timescale units of the track, on the stream's timeline
  std::int64_t duration = 0;
  base::UtcTime wall;  // EXT-X-PROGRAM-DATE-TIME: when its first sample was captured
  Bytes bytes;         // null: a gap (no source in this slot), the same in every track
};

struct TrackInfo {
  std::string name;  // URL path element: "video-720p", "audio"
  media::TrackKind kind = media::TrackKind::kVideo;
  std::string codec;        // RFC 6381
  base::Bitrate bandwidth;  // peak over a segment, declared; without the other tracks
  base::Bitrate average_bandwidth;
  int width = 0, height = 0;
  double frame_rate = 0;
  int sample_rate = 0, channels = 0;
  std::uint32_t timescale = 90000;
  Bytes init;
};

struct TrackSnapshot {
  TrackInfo info;
  std::vector<Segment> listed;    // the playlist's window, oldest first
  std::vector<Segment> retained;  // older ones, still fetchable, oldest first
};

// Immutable. A stream is ready once every track has an init segment and the first segments are listed.
struct Snapshot {
  std::string name;
  bool live = true;
  bool ended = false;
  std::uint64_t version = 0;          // grows with every publication
  base::Duration segment_duration{};  // nominal; also the target duration
  base::UtcTime availability_start;   // DASH availabilityStartTime: wall time of media time 0
  std::vector<TrackSnapshot> tracks;  // video from high to low, then audio
};
using SnapshotPtr = std::shared_ptr<const Snapshot>;

class Presentation {
 public:
  struct Options {
    std::string name;
    bool live = true;
    base::Duration segment_duration = std::chrono::seconds{2};
    std::size_t listed_segments = 8;    // live window
    std::size_t retained_segments = 8;  // fetchable after leaving the window (RFC 8216bis 6.2.2: one playlist duration more)
    std::size_t ready_after = 3;        // segments before the stream is ready
    base::UtcTime availability_start;
  };
  Presentation(Options options, std::vector<TrackInfo> tracks);

  // One segment of every track, in track order, with equal numbers, following the last. Requires: numbers are consecutive.
  void publish(std::vector<Segment> one_per_track);
  // No further segments: ENDLIST, static MPD.
  void end();
  // Null until the stream is ready.
  SnapshotPtr snapshot() const;

 private:
  Options options_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Snapshot> current_;
};

// The segment behind "123.m4s" or "t246000.m4s", listed or retained. Null: no such segment, or a gap.
const Segment* find_segment(const TrackSnapshot& track, std::string_view file_name);

// ---- what viewers fetch, rendered from a snapshot; pure ----
std::string hls_multivariant(const Snapshot& stream);
std::string hls_media_playlist(const Snapshot& stream, const TrackSnapshot& track);
// `utc_timing_url`: absolute URL of the server's clock (urn:mpeg:dash:utc:http-iso:2014), empty for VOD.
std::string dash_manifest(const Snapshot& stream, const std::string& utc_timing_url);

}  // namespace server
