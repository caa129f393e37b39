// HLS that does not say whether it has captions: before it streams, Shaka loads three segments of the first video playlist one after the
// other and looks into them (getBasicInfoFromSegments_, getClosedCaptionProbeSegments_ in lib/hls/hls_parser.js). Those it needs later
// are not loaded again.
#pragma once

#include <array>
#include <optional>

#include "base/compact_optional.h"
#include "harness/engine/engine.h"

namespace harness::shaka {

class CaptionProbe {
 public:
  struct Look {
    base::Duration start{};
    bool kept = true;
  };
  // The next segment to look at; nothing: all were. Requires: nothing of the track is on its way.
  std::optional<Look> next(const PlayerView& view);
  // Returns: whether the segment that ends there was one of those.
  bool took(base::Duration end);
  bool is_done() const { return done_; }
  // Where loading goes on behind the segments that are kept; nothing: from where the playhead needs it.
  std::optional<base::Duration> resume() const { return resume_; }

 private:
  void plan(const PlayerView& view);

  std::array<Look, 3> looks_{};
  std::size_t count_ = 0, at_ = 0;
  bool planned_ = false, done_ = false;
  base::CompactOptional<base::Duration> resume_;
};

// Of `listed` segments, in the order in which they are looked at: in a live playlist the middle one, that at three quarters and that at
// one quarter, otherwise the first, the middle and the last one; -1: none.
std::array<int, 3> probe_order(int listed, bool live);

}  // namespace harness::shaka
