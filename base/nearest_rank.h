// The nearest rank of a quantile, for all that count ranks.
#pragma once

#include <cstdint>

namespace base {

// Of `count` values in ascending order, the number (from 1) of the one that is their quantile q, in [0, 1]. Requires: count > 0.
std::uint64_t nearest_rank(double q, std::uint64_t count);

}  // namespace base
