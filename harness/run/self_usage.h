// The harness about itself: whether it was the bottleneck.
#pragma once

#include "reports/record/rows.h"

namespace harness {

// Start lateness p99 above which startup times and stalls are no longer the target's alone: 50 ms, one twentieth of the shortest
// startup gate that users set (1 s).
inline constexpr double kLatenessBudgetMs = 50;
// Link lateness p99 above which a link does not do what it says: a packet a millisecond late is within what a player can feel of a round
// trip of 10 ms and more, and an overloaded router is late by far more than that.
inline constexpr double kLinkLatenessBudgetMs = 1;
// Fills in saturated and its reason from the measured figures.
void judge_saturation(reports::HarnessRow& harness);

}  // namespace harness
