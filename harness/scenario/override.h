// `--set PATH=VALUE`: changes one value of a scenario document before it is validated. Pure.
#pragma once

#include <string_view>

#include "base/json_reader.h"
#include "base/result.h"

namespace harness {

// `path` as in the problems' paths: "audience.sessions", "audience.cohorts[1].share", "gates.startup_time{device:ios}" (dots inside
// braces belong to the name). Objects on the way are made where they are missing; an array element must exist. `value` is JSON, or
// text where it is not.
base::Result<void> apply_override(base::Json& document, std::string_view path, std::string_view value);

}  // namespace harness
