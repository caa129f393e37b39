// Bottleneck: one direction of what the viewers of a region share besides their own links: a queue, first in, first out, served at a rate.
// As a fluid, looked at in turns: what came since the last turn beyond what the rate takes is in the queue, and until the next turn all
// packets wait as long as that takes; what the queue has no room for is lost of what comes next. Nobody is given a share: windows wait for
// longer round trips and shrink by losses, so TCP shares a bottleneck as it shares a real one. Pure.
#pragma once

#include "base/units.h"
#include "netem/model/impairment.h"

namespace harness {

// What every packet meets until the next turn.
struct Toll {
  base::Duration wait{};
  double loss = 0;  // probability
  friend bool operator==(const Toll&, const Toll&) = default;
};

class Bottleneck {
 public:
  // How often one is looked at; round trips are as long or longer.
  static constexpr base::Duration kTurn = std::chrono::milliseconds{20};
  // A queue that a burst overflows passes on what it is served meanwhile, and drops a little of many flows, not all that some have sent: so
  // much in a turn, and more once what is to be lost is more than the queue holds. What is left is lost in later turns.
  static constexpr double kUsualLoss = 0.2, kMostLoss = 0.9;

  // Requires: the rate is no trace.
  explicit Bottleneck(const netem::ImpairmentSpec& spec);
  // `bytes` of packets came through in a time of `took`. Waits are whole milliseconds and losses steps of a quarter, so that what all are
  // told changes seldom.
  Toll pass(base::Duration took, double bytes);
  bool is_full() const { return backlog_ > room_; }

 private:
  double bytes_per_second_ = 0;  // 0: unlimited
  double room_ = 0;              // of the queue, in bytes
  double backlog_ = 0;           // what is beyond its room is to be lost
};

// Both directions, as the links of one hall know them, and what these say of themselves.
struct BottleneckShare {
  Toll down{}, up{};
  double came_down = 0, came_up = 0;  // bytes since the last turn
};

}  // namespace harness
