// Synthetic bandwidth traces, seeded: the same arguments give the same trace on every machine.
//
//   markov   states at multiples of the mean (0.25, 0.5, 1, 1.5, 2 of it, then rescaled); a state is kept for an exponential time, in
//            whole steps, and followed by any of the others
//   ar1      log-rate is a first-order autoregression around the mean, one value per step: r' = c r + sqrt(1-c^2) e
//   outage   the mean, interrupted: up and down times are exponential, in whole steps; while down the rate is 0. Begins up
//   step     a square wave between mean x (1 + variation) and mean x (1 - variation), each for the dwell; begins high, then rescaled
//            where the length is no whole number of waves
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "netem/model/trace.h"

namespace generators {

enum class TraceModel { kMarkov, kAr1, kOutage, kStep };
base::Result<TraceModel> parse_trace_model(std::string_view word);
const char* to_text(TraceModel model);

struct TraceSpec {
  TraceModel model = TraceModel::kMarkov;
  base::Duration length = std::chrono::minutes{5};
  base::Duration step = std::chrono::seconds{1};      // granularity; a step of equal values is merged with its neighbour
  base::Bitrate mean;                                 // of the whole trace, met within 1 % (outage: while up)
  double variation = 0.5;                             // ar1: standard deviation of the log-rate; step: above
  double correlation = 0.9;                           // ar1
  base::Duration dwell = std::chrono::seconds{10};    // markov, step: mean time in a state
  base::Duration outage = std::chrono::seconds{5};    // outage: mean time down
  base::Duration between = std::chrono::seconds{60};  // outage: mean time up
  std::optional<base::Duration> rtt{};
  std::uint64_t seed = 1;
};

// Throws base::InvalidInput("command line", …) with every value that is out of range.
netem::Trace generate_trace(const TraceSpec& spec);

}  // namespace generators
