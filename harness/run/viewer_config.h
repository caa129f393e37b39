// What viewers of a cohort play, on what, and how they enter.
#pragma once

#include <cstdint>

#include "base/shared_value.h"
#include "harness/player/player_session.h"
#include "harness/run/stage.h"
#include "harness/scenario/scenario.h"

namespace harness {

// What the cohort plays on.
Device device_of(const Scenario& scenario, const Cohort& cohort);
// The configuration of a cohort's viewers, whose token has no subject yet. Copies share their texts.
PlayerConfig player_config(const Scenario& scenario, Stage& stage, const Cohort& cohort, const base::SharedValue<Device>& device,
                           std::size_t channel = 0);

}  // namespace harness
