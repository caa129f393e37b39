// What a drill does to a feed, as the feed's commands. Pure.
#pragma once

#include <vector>

#include "generators/feed/command.h"
#include "harness/scenario/scenario.h"

namespace harness {

std::vector<generators::FeedCommand> strike_of(const DrillPlan& drill);
// Undoes it; nothing to undo: empty.
std::vector<generators::FeedCommand> mending_of(const DrillPlan& drill);

}  // namespace harness
