// Where in a network's traces a viewer begins. Pure and deterministic; the virtual world and the real links use the same.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "harness/scenario/scenario.h"

namespace harness {

// Time zero of the traces of `network` for a viewer who arrives at `arrival`. `live`: the start of the live phase. `viewer_seed`:
// SessionPlan::seed.
base::Instant trace_origin(const Network& network, base::Instant live, base::Instant arrival, std::uint64_t viewer_seed);

}  // namespace harness
