// SourceClock: where one source's timestamps lie on the stream's own timeline. Pure. One thread.
//
//   timestamps are anchored to the clock at a connection's first picture, right on a frame, and again after a jump, when the source's
//   clock has run off, or when pictures come so early that the one it was anchored to must have come late: after a stall, what was held
//   back comes all at once;
//   two encoders that stamp their pictures with the time of capture are laid on one another by it, whatever their delays.
#pragma once

#include <optional>

#include "base/time.h"
#include "server/transcode/slot_geometry.h"

namespace server {

class SourceClock {
 public:
  struct Options {
    SlotGeometry geometry;
    base::Duration jump = std::chrono::seconds{1};          // off the clock by more: anchored anew
    base::Duration drift = std::chrono::milliseconds{250};  // lasting change of lateness: anchored anew, so latency never grows
  };
  explicit SourceClock(Options options) : options_{options} {}

  // The source is a new one: its timestamps have nothing to do with those before.
  void connect();
  // Media time of a picture that came at media time `now`. No new anchor lies before `earliest`, unless that is far ahead of the clock.
  // `aligned`: where its time of capture puts it, if that is known; it counts when it is within the jump of the clock.
  base::Duration picture(base::Duration now, base::Duration timestamp, base::Duration earliest,
                         std::optional<base::Duration> aligned = std::nullopt);
  // Nothing before the connection's first picture.
  std::optional<base::Duration> media_time_of(base::Duration timestamp) const {
    return offset_ ? std::optional{timestamp + *offset_} : std::nullopt;
  }

 private:
  void anchor(base::Duration at, base::Duration timestamp, base::Duration now);
  void watch_drift(base::Duration lateness, base::Duration now);

  Options options_;
  std::optional<base::Duration> offset_;  // media time minus the source's timestamp
  base::Duration anchored_late_{};        // how late the picture was that it is anchored to
  bool aligned_ = false;
  struct DriftWatch {
    std::optional<base::Duration> usual, least, since;
  } drift_;
};

}  // namespace server
