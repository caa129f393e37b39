// The simplest choice there is.
#pragma once

#include <vector>

#include "base/units.h"

namespace harness {

// Index of the highest rung not above `limit`, or 0.
std::size_t highest_within(const std::vector<base::Bitrate>& ladder, base::Bitrate limit);

}  // namespace harness
