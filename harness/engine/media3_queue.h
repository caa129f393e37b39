// Media3Queue: the segments of one track that Media3 has received and not discarded, in media time. Neighbours that are alike are kept as
// one run, and count with their mean size while some of them are discarded, so that a full buffer takes little room.
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "base/units.h"

namespace harness {

class LadderChange;

// One segment in the queue.
struct Media3Chunk {
  base::Duration start{}, duration{};
  std::uint32_t bytes = 0;
  std::uint32_t rendition = 0;
  base::Duration end() const { return start + duration; }
};

class Media3Queue {
 public:
  // Segments that follow each other, of one rendition and duration.
  struct Run {
    base::Duration start{}, duration{};  // of the first; of each
    std::uint32_t count = 0;
    std::uint32_t rendition = 0;
    base::ByteCount bytes;  // of all
    base::Duration end() const { return start + count * duration; }
    base::Duration last_start() const { return end() - duration; }
  };

  // What starts there or later is replaced.
  void add(const Media3Chunk& chunk);
  // Discards what ends there or before, but for the last segment.
  void drop_before(base::Duration position);
  // Discards what starts there or later.
  void drop_from(base::Duration position);
  // Of video. Segments of what is gone count as those of the nearest rate.
  void on_ladder(const LadderChange& change);

  bool empty() const { return runs_.empty(); }
  // Ascending.
  const std::vector<Run>& runs() const { return runs_; }
  // The last segment's. Requires: not empty.
  base::Duration last_start() const { return runs_.back().last_start(); }
  base::Duration last_duration() const { return runs_.back().duration; }
  base::Duration end() const { return runs_.back().end(); }
  std::uint32_t last_rendition() const { return runs_.back().rendition; }
  base::ByteCount bytes() const { return bytes_; }

 private:
  void shorten(Run& run, std::int64_t count);
  void pop_back();

  std::vector<Run> runs_;
  base::ByteCount bytes_{};  // of all runs
};

}  // namespace harness
