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
  // A new connection; one used just now; one used 2 s ago; two at once. Over a connection of HTTP/2 used just now: two and six answers at
  // once; 24 kB asked for 100 ms after the rest, of which its own time counts.
  enum class Kind { kCold, kWarm, kRested, kParallel, kTwoStreams, kSixStreams, kSmallLater };
  std::string link_name;
  netem::LinkSpec link{};
  std::int64_t bytes = 0;
  Kind kind = Kind::kCold;
};

const char* word_of(FluidCase::Kind kind);
std::string name_of(const FluidCase& one);

// Seconds; of several at once, their mean. Where the link leaves something to chance: the mean over as many seeds as make so many
// megabytes, since it is the small downloads whose times chance spreads most.
struct FluidTimes {
  double packets = 0, fluid = 0;
  double apart() const { return fluid / packets - 1; }
};
FluidTimes measure(const FluidCase& one, int megabytes, harness::CongestionControl control = harness::CongestionControl::kCubic);

// Rates from 1 to 50 Mbit/s, round trips from 10 to 200 ms, short, usual and deep queues, no loss.
std::vector<FluidCase> lossless_cases();
// 2, 10 and 50 Mbit/s, round trips of 20 and 100 ms, the usual queue, and so much loss.
std::vector<FluidCase> lossy_cases(double loss);
// Over the same links such shares of the packets arrive twice, both ways, or skip the delay.
std::vector<FluidCase> duplicated_cases(double share);
std::vector<FluidCase> reordered_cases(double down, double up);
// Links whose way up carries fewer acknowledgements than the way down packets that they would tell of.
std::vector<FluidCase> acknowledged_cases();
// As lossless_cases(), over HTTP/2.
std::vector<FluidCase> stream_cases();
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
