// How many descriptors this process may have open: each connection takes one.
#pragma once

#include <cstdint>

namespace server {

// Raises the soft limit to the hard one, and returns it.
std::uint64_t raise_descriptor_limit();

}  // namespace server
