// What replay prints: one recording beside its emulation, and a table for each engine and trace.
#pragma once

#include <span>
#include <string>

#include "harness/replay/fidelity.h"

namespace harness {

// The runs of one player on one trace.
struct ReplayGroup {
  std::vector<const ReplayRun*> runs;
  std::vector<Verdict> verdicts;
};

std::string to_text(const ReplayRun& comparison);
std::string to_text(const ReplayGroup& group);

}  // namespace harness
