#include "server/transcode/source_clock.h"

#include <algorithm>

namespace server {
namespace {

constexpr base::Duration kDriftWindow = std::chrono::seconds{5};

}  // namespace

void SourceClock::connect() {
  offset_.reset();
  aligned_ = false;
}

base::Duration SourceClock::picture(base::Duration now, base::Duration timestamp, base::Duration earliest,
                                    std::optional<base::Duration> aligned) {
  if (offset_ && std::chrono::abs(now - (timestamp + *offset_)) > options_.jump) connect();
  if (offset_ && now - (timestamp + *offset_) < anchored_late_ - options_.drift) {
    connect();
    anchor(now, timestamp, now);
  } else if (aligned && !aligned_ && std::chrono::abs(now - *aligned) <= options_.jump) {
    anchor(*aligned, timestamp, now);
    aligned_ = true;
  }
  if (!offset_) anchor(earliest <= now + options_.drift ? std::max(now, earliest) : now, timestamp, now);
  const base::Duration time = timestamp + *offset_;
  watch_drift(now - time, now);
  return time;
}

// Right on a frame: half a frame of jitter then moves none.
void SourceClock::anchor(base::Duration at, base::Duration timestamp, base::Duration now) {
  const SlotGeometry& geometry = options_.geometry;
  const base::Duration frame = geometry.frame_time(geometry.nearest_frame(at));
  offset_ = frame - timestamp;
  anchored_late_ = now - frame;
  drift_ = {};
}

// Bursts come and go; a change of the least lateness over whole windows is the source's clock running off.
void SourceClock::watch_drift(base::Duration lateness, base::Duration now) {
  if (!drift_.since) drift_.since = now;
  drift_.least = std::min(drift_.least.value_or(lateness), lateness);
  if (now - *drift_.since < kDriftWindow) return;
  if (!drift_.usual) drift_.usual = drift_.least;
  if (std::chrono::abs(*drift_.least - *drift_.usual) > options_.drift) connect();
  drift_.least.reset();
  drift_.since = now;
}

}  // namespace server
