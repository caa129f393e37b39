// A scenario's "virtual" section as resolved, its model inline. Part of scenario_to_json (load.h).
#pragma once

#include "base/json_reader.h"
#include "harness/scenario/scenario.h"

namespace harness {

// `kind`: of the content.
base::Json virtual_world_json(const VirtualWorld& world, ContentKind kind);

}  // namespace harness
