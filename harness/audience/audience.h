// Who comes when (what they then do: harness/behaviour): one SessionPlan per viewer, in order of arrival, from a scenario and its seed.
// Pure and deterministic; adding a cohort or a viewer does not change the random choices of others.
#pragma once

#include <vector>

#include "base/units.h"
#include "harness/scenario/scenario.h"

namespace harness {

struct SessionPlan {
  base::ViewerId viewer{};   // 0, 1, 2, … in order of arrival
  base::Duration arrival{};  // after the start of the live phase
  std::size_t cohort = 0;    // index into Scenario::cohorts
  std::uint64_t seed = 0;    // of this viewer's stream
  friend bool operator==(const SessionPlan&, const SessionPlan&) = default;
};

// Cohort sizes by largest remainder, so they sum to `sessions` exactly; cohorts are interleaved over the arrivals by seed, each spread
// evenly. Requires: the scenario is valid.
std::vector<SessionPlan> plan_audience(const Scenario& scenario);
// Arrival offsets, ascending: steady evenly over `over`; ramp with linearly growing rate; burst: half of them in the first tenth of
// `over`, the rest evenly; poisson: exponential gaps, scaled so that all fall within `over` (a Poisson process of which the number
// of arrivals is known).
std::vector<base::Duration> plan_arrivals(const Arrivals& arrivals, std::uint32_t sessions, std::uint64_t seed);

}  // namespace harness
