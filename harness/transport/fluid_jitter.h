// FluidJitter: what a delay that varies (netem::Jitter) costs packets that come one behind the other, without looking at each: where none
// overtakes another, a packet arrives with the latest of those before it. The lateness of the last of a train is drawn at once, from how
// the largest of a falling row of correlated normal values is distributed: one random number and a few tables of quantiles.
// DelayProcess has the packets; tests hold the two together. Pure; 24 bytes.
#pragma once

#include "base/random.h"
#include "base/time.h"
#include "netem/model/impairment.h"

namespace harness {

class FluidJitter {
 public:
  FluidJitter() = default;
  FluidJitter(const netem::Jitter& jitter, base::Duration delay);
  // Of what crosses `one` and then `other`, as far as first() goes.
  static FluidJitter sum_of(const FluidJitter& one, const FluidJitter& other);

  double deviation() const { return static_cast<double>(deviation_); }  // seconds; 0: nothing is ever late, and nothing is drawn
  // Seconds by which hardly a packet is earlier than its delay says, and which the delay leaves: two deviations.
  double lead() const;
  // Of a packet before which the link was idle: seconds, below zero where it is early, but never by more than the delay.
  double first(base::Random& random) const;
  // Of single packets, one after the other, at whatever distance.
  struct Row {
    base::Instant last = base::Instant::min();  // arrival
    double deviations = 0;                      // of its delay
  };
  // When a packet arrives that would at `due` if the delay did not vary. Requires: later calls are of packets that were sent later.
  base::Instant arrival(base::Instant due, Row& row, base::Random& random) const;
  // Of the last of a train of `packets` whose spacing is `spacing` seconds.
  double last(base::Random& random, double packets, double spacing) const;
  bool operator==(const FluidJitter&) const = default;

 private:
  float floor_ = 0;  // seconds
  float deviation_ = 0;
  float correlation_ = 0;
  float fresh_ = 1;    // for how many independent ones a packet counts that comes right behind another
  float falling_ = 0;  // the logarithm by which it counts for less a deviation behind it
  bool keep_order_ = true;
};

}  // namespace harness
