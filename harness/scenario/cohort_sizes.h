// How many of a scenario's sessions each cohort gets. Pure.
#pragma once

#include <cstddef>
#include <vector>

#include "harness/scenario/scenario.h"

namespace harness {

// By largest remainder, so they sum to `sessions` exactly; the earlier cohort wins a tie. Requires: every share is above 0 and at most 1.
std::vector<std::size_t> cohort_sizes(const std::vector<Cohort>& cohorts, std::size_t sessions);

}  // namespace harness
