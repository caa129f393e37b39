// dashjs::BufferLevels: the buffer levels as dash.js 5.2.1 knows them: not of now, but of the last time it looked, which is when a
// segment was appended or the media element said `timeupdate` (controllers/BufferController.js).
#pragma once

#include <array>

#include "harness/engine/engine.h"

namespace harness::dashjs {

class BufferLevels {
 public:
  // Chromium, from the start or resumption of playback on.
  static constexpr base::Duration kTimeUpdate = std::chrono::milliseconds{250};

  void on_playing(base::Instant now) { played_from_ = now; }
  void on_append(TrackKind kind, const PlayerView& view) { looks_[index_of(kind)] = {view.now(), view.buffered_end(kind)}; }
  // Seconds ahead of the playhead.
  double at(TrackKind kind, const PlayerView& view) const { return base::to_seconds(view.level(kind) + age(kind, view)); }
  // When the level that the media will have at `when` is known, if they play until then.
  base::Instant known_from(base::Instant when) const { return when + (kTimeUpdate - (when - played_from_) % kTimeUpdate) % kTimeUpdate; }
  // The same before the segment that has just come, until on_append.
  double without_latest(TrackKind kind, const PlayerView& view) const;

 private:
  struct Look {
    base::Instant at;
    base::Duration end{};  // of the media then
  };
  base::Duration age(TrackKind kind, const PlayerView& view) const;

  std::array<Look, 2> looks_;
  base::Instant played_from_{};
};

}  // namespace harness::dashjs
