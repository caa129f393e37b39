// The harness about itself: CPU, memory, lateness, and whether it was the bottleneck.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "reports/record/rows.h"

namespace harness {

// Of this process so far, user and system.
base::Duration own_cpu_time();
// Resident memory of this process in bytes (/proc/self/statm).
std::int64_t own_resident_bytes();

// Start lateness p99 above which startup times and stalls are no longer the target's alone: 50 ms, one twentieth of the shortest
// startup gate that users set (1 s).
inline constexpr double kLatenessBudgetMs = 50;
// Link lateness p99 above which a link does not do what it says: a packet a millisecond late is within what a player can feel of a round
// trip of 10 ms and more, and an overloaded router is late by far more than that.
inline constexpr double kLinkLatenessBudgetMs = 1;
// Fills in saturated and its reason from the measured figures.
void judge_saturation(reports::HarnessRow& harness);

}  // namespace harness
