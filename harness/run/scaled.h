// A scenario with a share of its audience, for trying out. Each region's edges together get the same share of their limits, as fewer
// edges of nearly the same size where there are enough, so that they are full at the same point of the audience. What stands behind edges
// keeps its own limits: it is asked for objects, and these are as many. An origin without edges is scaled. Pure.
#pragma once

#include <string>

#include "harness/scenario/scenario.h"

namespace harness {

// Throws base::InvalidInput where so small a server would be full of a single segment. Requires: 0 < share <= 1.
Scenario scaled(Scenario scenario, double share);
// What was scaled and what was not, for reports. `whole`: before.
std::string scale_note(const Scenario& whole, double share);

}  // namespace harness
