// The standard normal distribution as netem wants it: values at equally likely places, in units of 1/NETEM_DIST_SCALE (8192) standard
// deviations. netem draws one at random for each packet; without a table its jitter would be uniform.
#pragma once

#include <array>
#include <cstdint>

namespace netem {

// The kernel takes up to NETEM_DIST_MAX (16,384) values, which no longer fit into one message with libnl.
inline constexpr std::size_t kNormalTableSize = 4096;
using NormalTable = std::array<std::int16_t, kNormalTableSize>;

NormalTable normal_table();

}  // namespace netem
