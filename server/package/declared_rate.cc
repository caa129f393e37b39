#include "server/package/declared_rate.h"

#include <algorithm>

namespace server {
namespace {

base::Duration duration_of(std::int64_t units, const TrackInfo& track) {
  return base::from_seconds(static_cast<double>(units) / track.timescale);
}

}  // namespace

DeclaredRate declared_rate(const Snapshot& stream, const TrackSnapshot& track) {
  const DeclaredRate declared{track.info.bandwidth, track.info.average_bandwidth};
  if (stream.live || !stream.ended) return declared;
  base::Bitrate peak;
  std::int64_t bytes = 0, units = 0;
  for (const Segment& segment : track.listed) {
    if (segment.bytes == nullptr || segment.duration <= 0) continue;
    const auto size = static_cast<std::int64_t>(segment.bytes->size());
    // A short last segment says nothing about the rate a viewer needs.
    const base::Duration over = std::max(duration_of(segment.duration, track.info), stream.segment_duration);
    peak = std::max(peak, base::Bitrate::of(base::ByteCount::bytes(size), over));
    bytes += size;
    units += segment.duration;
  }
  if (units == 0) return declared;
  const base::Bitrate average = base::Bitrate::of(base::ByteCount::bytes(bytes), duration_of(units, track.info));
  return {std::max(peak, average), average};
}

}  // namespace server
