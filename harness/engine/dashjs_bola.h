// dashjs::Bola: BOLA-E as dash.js 5.2.1 plays it (rules/abr/BolaRule.js; Spiteri, Sitaraman, Sparacio: "From Theory to Practice",
// MMSys 2018). It starts from throughput; once a segment is buffered it goes by the buffer's level and a placeholder: media that would
// be in the buffer had the player not paused or replaced what it had.
#pragma once

#include <cstdint>
#include <optional>

#include "base/compact_optional.h"
#include "base/time.h"
#include "harness/engine/bola_utility.h"
#include "harness/engine/dashjs_ladder.h"

namespace harness::dashjs {

class Bola {
 public:
  struct Situation {
    base::Instant now;
    double level_s = 0;
    double buffer_time_s = 0;               // bufferTimeDefault, in live streams no more than the live delay
    std::optional<std::size_t> affordable;  // within the safe throughput; nothing before the first sample
  };
  struct Choice {
    std::size_t rendition = 0;
    double delay_s = 0;  // before the request
  };
  struct Segment {
    std::size_t rendition = 0;
    base::Duration start{}, duration{};
    base::Instant asked, finished;
  };
  // Nothing: no opinion. The ladder stays the same.
  std::optional<Choice> choose(const Ladder& ladder, const Situation& situation);

  // News; before the first choice it does not listen. `level_s`: without the segment.
  void on_segment(const Segment& segment, double level_s);
  void on_quality_change(std::size_t rendition) { current_ = static_cast<std::uint32_t>(rendition); }
  void on_abandon(double level_s);
  void on_buffer_empty();
  void on_seek();
  void forget() { *this = {}; }  // the manifest was loaded again

 private:
  enum class State : std::uint8_t { kUnborn, kOneBitrate, kStartup, kSteady };
  void begin(const Ladder& ladder, double buffer_time_s);
  void tune_for(double buffer_time_s);
  void adapt_to(const Situation& situation);
  std::optional<Choice> start_up(const Situation& situation);
  Choice go_steady(const Situation& situation);
  void grow_placeholder(base::Instant now);
  std::size_t by_level(double level_s) const;
  bool listens() const { return state_ == State::kStartup || state_ == State::kSteady; }

  BolaUtility utility_;
  double buffer_time_s_ = 0;
  double placeholder_s_ = 0;
  State state_ = State::kUnborn;
  std::uint32_t current_ = 0;                            // rendition
  base::CompactOptional<base::Duration> most_advanced_;  // start of a segment
  base::CompactOptional<base::Duration> last_duration_;
  base::CompactOptional<base::Instant> last_finish_, last_call_;
};

}  // namespace harness::dashjs
