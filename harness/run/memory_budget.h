// Whether a simulated audience fits into memory, told before it comes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/scenario/scenario.h"

namespace harness {

// What a simulation takes at least, in bytes: viewers who stay to the end are all there at once; of others only their sessions count.
std::int64_t memory_for(const Scenario& scenario);

struct FreeMemory {
  std::int64_t bytes = 0;
  bool is_group_limit = false;  // of the control group of this process, not of the machine
};
// What this process may still take: the machine's MemAvailable, or less where a limit of its control group (v1 or v2) leaves less. Absent
// where the system does not say. `root`: of the file system, for tests.
std::optional<FreeMemory> free_memory(const std::string& root = "");

// Throws base::RunFailed with the figures and the remedy.
void check_memory(const Scenario& scenario, const std::optional<FreeMemory>& free);

}  // namespace harness
