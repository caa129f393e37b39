// What a drill does to a feed, as the feed's commands. Pure.
#pragma once

#include <vector>

#include "base/time.h"
#include "generators/feed/command.h"
#include "harness/scenario/scenario.h"

namespace harness {

// A feed that flaps is down for so long, and up for as long, in turns.
inline constexpr base::Duration kFlap = std::chrono::seconds{1};

std::vector<generators::FeedCommand> strike_of(const DrillPlan& drill);
// Undoes it; nothing to undo: empty.
std::vector<generators::FeedCommand> mending_of(const DrillPlan& drill);

}  // namespace harness
