// TcpWindowedMax: about the largest of what was measured within a window of rounds, from three samples (Kathleen Nichols' filter as in
// Linux, lib/win_minmax.c): the best, the best since that one, and the best since that.
#pragma once

#include <array>
#include <cstdint>

namespace harness {

class TcpWindowedMax {
 public:
  std::uint64_t value() const { return best_[0].value; }
  void add(std::uint32_t window, std::uint32_t round, std::uint64_t value) {
    const Sample sample{round, value};
    if (value >= best_[0].value || round - best_[2].round > window) {
      best_.fill(sample);
      return;
    }
    if (value >= best_[1].value)
      best_[1] = best_[2] = sample;
    else if (value >= best_[2].value)
      best_[2] = sample;
    expire(window, sample);
  }

 private:
  struct Sample {
    std::uint32_t round = 0;
    std::uint64_t value = 0;
  };
  void expire(std::uint32_t window, const Sample& latest) {
    const std::uint32_t age = latest.round - best_[0].round;
    if (age > window) {
      best_ = {best_[1], best_[2], latest};
      if (latest.round - best_[0].round > window) best_ = {best_[1], best_[2], latest};
    } else if (best_[1].round == best_[0].round && age > window / 4) {
      best_[1] = best_[2] = latest;
    } else if (best_[2].round == best_[1].round && age > window / 2) {
      best_[2] = latest;
    }
  }
  std::array<Sample, 3> best_{};
};

}  // namespace harness
