// Media3's estimate of the throughput: the median of recent transfer rates, weighted by the square root of their bytes, all transfers
// of the player taken together (DefaultBandwidthMeter.java, SlidingPercentile.java; Media3 1.11.0). A transfer begins with the answer's
// first byte: the wait for it counts only where another transfer runs meanwhile.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "harness/engine/words.h"

namespace harness {

// The median of weighted values; when their weights exceed the limit, the oldest lose theirs.
class SlidingMedian {
 public:
  explicit SlidingMedian(int heaviest) : heaviest_{heaviest} {}
  void add(int weight, double value);
  // The smallest value with half of the weight at or below it; nothing when there is none.
  std::optional<double> value() const;

 private:
  struct Sample {
    int weight;
    float value;
  };
  int weight_up_to(float value) const;

  int heaviest_;
  int total_ = 0;
  std::vector<Sample> samples_;  // oldest first
};

class Media3Bandwidth {
 public:
  explicit Media3Bandwidth(base::Bitrate prior) : estimate_{prior} {}

  // The transfer on this track has brought so many bytes so far, the first of them at `first_byte`. At most one runs on a track.
  void runs(TrackKind track, base::Instant first_byte, base::ByteCount received);
  // It is complete, cancelled or broken.
  void ends(TrackKind track, base::Instant now);
  bool is_running(TrackKind track) const { return runs_[index_of(track)]; }
  base::Bitrate estimate() const { return estimate_; }
  bool is_measured() const { return measured_; }

 private:
  bool is_idle() const { return !runs_[0] && !runs_[1]; }

  std::array<base::ByteCount, 2> counted_;  // of the transfer on each track
  SlidingMedian median_{2000};              // DEFAULT_SLIDING_WINDOW_MAX_WEIGHT
  base::Instant sample_began_{};
  base::ByteCount sample_bytes_, total_bytes_;
  base::Duration total_time_{};
  base::Bitrate estimate_;
  std::array<bool, 2> runs_{};
  bool measured_ = false;
};

}  // namespace harness
