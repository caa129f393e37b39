// Which rendition Media3 loads next (AdaptiveTrackSelection.java; Media3 1.11.0): the highest within 0.7 of the estimate, but up only
// with 10 s in the buffer (live: three quarters of what can be there) and down only with less than 25 s.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/engine/engine.h"
#include "harness/engine/media3_exclusions.h"
#include "harness/engine/media3_queue.h"

namespace harness {

struct Media3Situation {
  base::Instant now;
  base::Bitrate estimate;
  base::Bitrate audio{};  // declared, where it is declared apart
  double speed = 1;
  base::Duration buffered{};                  // from the playhead to where loading goes on
  std::optional<base::Duration> available{};  // live: from the playhead to the edge
  std::optional<base::Duration> next_chunk{};
};

// What the estimate lets a video rendition cost. (The adaptation checkpoints of AdaptiveTrackSelection.Factory come to this with one audio
// track.)
base::Bitrate media3_affordable(const Media3Situation& situation);

// The highest that is affordable; the lowest when none is. Excluded ones are left out. Requires: at least one rendition.
std::size_t media3_ideal(const std::vector<LadderRung>& ladder, const Media3Situation& situation, const Media3Exclusions& exclusions);

// What has to be in the buffer before the quality is raised.
base::Duration media3_buffer_to_climb(const Media3Situation& situation);

// `previous`: of the last segment; nothing: this is the first choice.
std::size_t media3_choice(const std::vector<LadderRung>& ladder, const Media3Situation& situation, const Media3Exclusions& exclusions,
                          std::optional<std::size_t> previous);

// How much is played before, with nothing else happening, that choice becomes another one, at the earliest; the largest: it stays. Nothing
// is foreseen while a rendition is excluded, or with nothing in the buffer: zero.
base::Duration media3_choice_lasts(const std::vector<LadderRung>& ladder, const Media3Situation& situation,
                                   const Media3Exclusions& exclusions, std::optional<std::size_t> previous);

// Where the queue is cut so that its rest is loaded again at the ideal quality: the first segment of a smaller, low
// rendition behind 25 s. Nothing: it stays.
std::optional<base::Duration> media3_cut(const Media3Queue& queue, const std::vector<LadderRung>& ladder, std::size_t ideal,
                                         base::Duration playhead, double speed);

}  // namespace harness
