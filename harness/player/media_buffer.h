// MediaBuffer: the appended media of one track, as pieces on the presentation timeline. Knows holes; knows no clock.
#pragma once

#include <optional>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "harness/player/weighted_time.h"

namespace harness {

class LadderChange;

class MediaBuffer {
 public:
  struct Piece {
    base::Duration start{}, end{};
    base::Bitrate bitrate;      // declared
    std::size_t rendition = 0;  // index in the ladder; of one that is gone: the nearest
  };
  // Pieces come in the order of time. What is already covered is kept; a step of at most 100 ms to the last piece is closed, as
  // browsers do, so that rounding in a manifest makes no hole.
  void append(Piece piece);
  // The same, but what is covered already is replaced; pieces may come in any order.
  void overwrite(Piece piece);
  // Forgets the pieces that end there or before; trim_before also what reaches beyond, up to `position`.
  void drop_before(base::Duration position);
  void drop_from(base::Duration position);
  void trim_before(base::Duration position);
  void clear() { pieces_.clear(); }
  void on_ladder(const LadderChange& change);

  bool empty() const { return pieces_.empty(); }
  base::Duration end() const { return pieces_.empty() ? base::Duration{} : pieces_.back().end; }
  // The end of the uninterrupted media at `position`; `position` itself when there is none.
  base::Duration end_from(base::Duration position) const;
  // The first position at or after `position` that has media.
  std::optional<base::Duration> next_from(base::Duration position) const;
  // All media beyond `position`, holes left out.
  base::Duration ahead_of(base::Duration position) const;
  base::Bitrate bitrate_at(base::Duration position) const;
  // Of the piece at `position`; nothing in a hole.
  std::optional<std::size_t> rendition_at(base::Duration position) const;
  // Adds the declared bit/s of [from, to) times their time.
  void count_bits(base::Duration from, base::Duration to, WeightedTime& bits) const;

 private:
  std::vector<Piece> pieces_;  // ascending, disjoint; neighbours of one bitrate are merged
};

}  // namespace harness
