// FrameSequence: what is wrong with the order in which frames of a looped test video come. Pure.
#pragma once

#include <cstdint>
#include <optional>

namespace harness {

class FrameSequence {
 public:
  // `loop`: frames of the video, after which numbers begin again at 0; at least 2.
  explicit FrameSequence(std::uint32_t loop) : loop_{loop} {}

  struct Step {
    std::uint32_t missing = 0;   // frames that were left out before this one
    std::uint32_t repeated = 0;  // 1: it, or one later in the video, had come before
    friend bool operator==(const Step&, const Step&) = default;
  };
  // A frame without a number (a slate, a damaged one) is no step. More than half of the loop is taken as a step back.
  Step add(std::optional<std::uint32_t> number) {
    if (!number) return {};
    if (!last_) return last_ = *number, Step{};
    const std::uint32_t step = (*number + loop_ - *last_ % loop_) % loop_;
    if (step == 0 || step > loop_ / 2) return {.repeated = 1};  // the order is that of the furthest one
    last_ = *number;
    return {.missing = step - 1};
  }

 private:
  std::uint32_t loop_;
  std::optional<std::uint32_t> last_;
};

}  // namespace harness
