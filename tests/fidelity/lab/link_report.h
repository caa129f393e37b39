// What the link did, as the `link` object of a recording. docs/fidelity.md describes its fields.
#pragma once

#include "base/json_reader.h"
#include "tests/fidelity/lab/player_lab.h"

namespace fidelity {

base::Json link_report(const TraceLink& link, const PlayerLab::Reading& reading);

}  // namespace fidelity
