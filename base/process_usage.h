// What this process takes of its machine.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace base {

// Of the processor so far, user and system.
Duration process_cpu_time();
// Resident memory in bytes (/proc/self/statm); 0 where the system does not say.
std::int64_t resident_bytes();

}  // namespace base
