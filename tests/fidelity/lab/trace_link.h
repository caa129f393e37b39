// A link as a fidelity trace describes it: {latency_ms, uplink_kbps, queue_bytes?, steps: [{duration_ms, bandwidth_kbps}]}. Rates
// count IP packets, headers included; latency_ms is the round trip, half of it each way; the steps are the downlink's and repeat.
// name, note, seed and other figures for readers are allowed.
#pragma once

#include <string>

#include "netem/model/impairment.h"

namespace fidelity {

struct TraceLink {
  std::string name{};
  base::Duration rtt{};
  base::ByteCount queue{};  // of either direction
  netem::LinkSpec link{};
};

// Throws base::InvalidInput naming the file, the path in it and the fix.
TraceLink read_trace_link(const std::string& file);

}  // namespace fidelity
