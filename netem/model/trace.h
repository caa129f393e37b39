// Trace: a rate over time, as measured or generated; the common form of every trace format (trace_formats.h reads and writes them).
// Plain data. A trace repeats from its start when it ends.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/units.h"

namespace netem {

struct TraceStep {
  base::Duration lasts{};               // above zero
  base::Bitrate rate;                   // of IP packets, headers included; 0: an outage
  std::optional<base::Duration> rtt{};  // round trip in this step; absent: the link's own delays hold
  friend bool operator==(const TraceStep&, const TraceStep&) = default;
};

struct Trace {
  std::string name{};
  std::vector<TraceStep> steps{};
  friend bool operator==(const Trace&, const Trace&) = default;
};

base::Duration length_of(const Trace& trace);
// Over one whole repetition, zero for an empty trace.
base::Bitrate mean_rate(const Trace& trace);
// One sentence per fault: no steps, a step that lasts nothing, a negative rate, a rate of zero throughout, more than 10^6 steps.
// `path` is the path of the trace in its file, for messages: "steps[3].duration".
std::vector<std::string> faults_of(const Trace& trace);

}  // namespace netem
