// What replay says as one JSON document, schema "rehearsal/replay/1" (docs/replay.md).
#pragma once

#include <deque>
#include <span>

#include "base/json_reader.h"
#include "harness/replay/replay.h"
#include "harness/replay/replay_text.h"

namespace harness {

base::Json replay_json(const std::deque<ReplayRun>& comparisons, std::span<const ReplayGroup> groups, const ReplayOptions& options);

}  // namespace harness
