// What an emulated player has ahead of its playhead on each track, reckoned from outside: the segments that have arrived without a gap,
// less what it has played. (Its own state knows only what is playable on both.) Pure.
#pragma once

#include <vector>

#include "harness/replay/content_table.h"
#include "harness/replay/session_record.h"

namespace harness {

// `requests`: so far; `played`: media time shown so far. A track begins with its lowest segment that was asked for.
BufferLevels levels_of(const ContentTable& content, const std::vector<RequestRecord>& requests, base::Duration played);

}  // namespace harness
