// FluidOrder: what the sender of one connection has learnt of packets that overtake others: how early the earliest acknowledgement was, and
// how long RACK's reordering window has become (RFC 8985, 6.2). Pure; 1 byte.
#pragma once

#include <algorithm>
#include <cstdint>

namespace harness {

struct FluidOrder {
  static constexpr int kMostSteps = 31;  // 255 in Linux, where round trips that are nearly nothing make none long enough

  std::uint8_t steps : 5 = 1;         // of a quarter of the least round trip
  std::uint8_t down_skipped : 1 = 0;  // a packet overtook others
  std::uint8_t up_skipped : 1 = 0;    // an acknowledgement did
  std::uint8_t both_skipped : 1 = 0;  // a packet did, and its acknowledgement

  void widen() {
    if (steps < kMostSteps) ++steps;
  }
  // Seconds by which the least round trip is shorter than that of packets that skip neither delay.
  double early(double down, double up) const {
    if (both_skipped != 0) return down + up;
    return std::max(down_skipped != 0 ? down : 0, up_skipped != 0 ? up : 0);
  }
};

}  // namespace harness
