// The link of the warmup's probes. Whether the target plays is asked over a good one: what the audience's networks make of it is for the
// run to show.
#pragma once

#include "netem/model/impairment.h"

namespace harness {

// The catalogue's fibre, and of any rate.
const netem::LinkSpec& probe_link();

}  // namespace harness
