// Playout: the buffer and what the viewer gets to see of it, counted as Sabre counts (docs/abr.md lists its oddities): quality, its
// changes, stalls, how long it takes until what the network sustains is on screen.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/abr/figures.h"
#include "harness/abr/limits.h"
#include "harness/abr/link.h"

namespace harness::abr {

class Playout final : public LinkObserver {
 public:
  // `movie` must outlive it.
  Playout(const Movie& movie, double buffer_ms);

  double level_ms() const { return movie_.segment_ms * static_cast<double>(end_ - begin_) - played_of_first_ms_; }
  // The wait for the first segment is play time, no stall.
  void start(double ms) { play_ms_ += ms; }
  void add(std::size_t rendition) { renditions_[end_++] = static_cast<std::uint8_t>(rendition); }
  // Time passes: media is played, or the viewer waits for some. `sustainable`: by the network, now.
  void play(double ms, std::size_t sustainable);
  void play_all(std::size_t sustainable) { play(level_ms(), sustainable); }
  void on_sustainable(double now_ms, std::size_t rendition, std::size_t before) override;

  void report(Figures& figures) const;

 private:
  // The network got better: when, to what, and when that was on screen (or over).
  struct Rise {
    double since_ms = 0;
    std::size_t rendition = 0;
    std::optional<double> until_ms{};
  };
  void show(std::size_t rendition, std::size_t sustainable);
  void settle_rises(double now_ms);
  bool is_rise(std::size_t rendition, std::size_t before) const;

  const Movie& movie_;
  double buffer_ms_;
  std::vector<std::uint8_t> renditions_;  // of all segments; those from begin_ to end_ are in the buffer
  std::size_t begin_ = 0, end_ = 0;
  double played_of_first_ms_ = 0;
  std::optional<std::size_t> last_;
  std::optional<double> rampup_ms_;
  std::vector<Rise> rises_;
  double utility_ = 0, kbps_ = 0, change_ = 0, log_change_ = 0;
  double play_ms_ = 0, stalled_ms_ = 0, reaction_ms_ = 0;
  std::uint64_t stalls_ = 0;
};

}  // namespace harness::abr
