// LinkProfile: the link of a recording, from its trace file, as the models of links take it.
#pragma once

#include <string>

#include "base/json_reader.h"
#include "netem/model/impairment.h"

namespace harness {

// {latency_ms, uplink_kbps, queue_bytes?, steps: [{duration_ms, bandwidth_kbps}]}. Half of the latency is each way's delay. Both queues
// hold `queue_bytes`, or else what 5 Mbit/s carry in a round trip, at least 64 packets.
netem::LinkSpec read_link(const base::Json& document, const std::string& name, std::vector<base::Problem>& problems);
// Throws base::InvalidInput.
netem::LinkSpec read_link_file(const std::string& file);

}  // namespace harness
