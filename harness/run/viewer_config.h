// What a viewer of a cohort plays, on what, and how it enters.
#pragma once

#include <cstdint>
#include <string>

#include "base/shared_value.h"
#include "harness/player/player_session.h"
#include "harness/run/stage.h"
#include "harness/scenario/scenario.h"

namespace harness {

// What the cohort plays on.
Device device_of(const Scenario& scenario, const Cohort& cohort);
// The configuration of one viewer of a cohort.
PlayerConfig player_config(const Scenario& scenario, Stage& stage, const Cohort& cohort, const base::SharedValue<Device>& device,
                           const std::string& subject, std::size_t channel = 0);

}  // namespace harness
