// A scenario's "virtual" section as resolved, its model inline. Part of scenario_to_json (load.h).
#pragma once

#include "base/json_reader.h"
#include "harness/scenario/virtual_world.h"

namespace harness {

base::Json virtual_world_json(const VirtualWorld& world);

}  // namespace harness
