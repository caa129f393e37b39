// A load over PacketTransport or ModelTransport, each chain on a connection of its own. Client and server are at the ends of the link as in
// PlayerLab; the trace's clock starts with the first SYN.
#pragma once

#include <iosfwd>

#include "base/json_reader.h"
#include "harness/scenario/congestion_control.h"
#include "tests/fidelity/lab/trace_link.h"
#include "tests/fidelity/tcp/load.h"

namespace fidelity {

struct VirtualRun {
  base::Duration late{};  // how long after a tick of the kernels' clocks (4 ms) all begins
  harness::CongestionControl control = harness::CongestionControl::kCubic;
  std::uint64_t seed = 1;  // of BBR's chance
};

// {"downloads": [{"chain", "n", "bytes", "start_ms", "first_byte_ms", "end_ms", "silence_ms"}], "down": {"packets", "drops"}, "up": …}
// Times count from the first SYN; a silence is the longest time within a download without a byte of it. `packets`: gets a line for
// each, or is null.
base::Json run_in_virtual_time(const Load& load, const TraceLink& link, const VirtualRun& run, std::ostream* packets);

// The same over ModelTransport: without packets, and so without silences.
base::Json run_as_fluid(const Load& load, const TraceLink& link, const VirtualRun& run);

}  // namespace fidelity
