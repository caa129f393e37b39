// FluidCase: a download, or two at once, over one link: its time by ModelTransport (TCP as a fluid) and by PacketTransport (TCP packet
// by packet). Virtual time only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/scenario/congestion_control.h"
#include "netem/model/impairment.h"

namespace fidelity {

struct FluidCase {
  enum class Kind { kCold, kWarm, kRested, kParallel };  // a new connection; one used just now; one used 2 s ago; two at once
  std::string link_name;
  netem::LinkSpec link{};
  std::int64_t bytes = 0;
  Kind kind = Kind::kCold;
};

std::string name_of(const FluidCase& one);

// Seconds; of two at once, their mean. Where the link loses or delays by chance: the mean over as many seeds as make so many megabytes,
// since it is the small downloads whose times chance spreads most.
struct FluidTimes {
  double packets = 0, fluid = 0;
  double apart() const { return fluid / packets - 1; }
};
FluidTimes measure(const FluidCase& one, int megabytes, harness::CongestionControl control = harness::CongestionControl::kCubic);

// Rates from 1 to 50 Mbit/s, round trips from 10 to 200 ms, short, usual and deep queues, no loss.
std::vector<FluidCase> lossless_cases();
// The usual queue and so much loss.
std::vector<FluidCase> lossy_cases(double loss);
// Links of the catalogue's kinds whose delay varies, without loss.
std::vector<FluidCase> jittery_cases();
// Along a trace, begun at several of its moments.
std::vector<FluidCase> traced_cases(const netem::Trace& trace);

// Of the absolute relative differences.
struct FluidSummary {
  double median = 0, p95 = 0, most = 0;
};
FluidSummary summary_of(std::vector<double> apart);

}  // namespace fidelity
