// The cases of a scenario side by side: a line for each headline figure and drill, a column for each case. Pure.
#pragma once

#include <vector>

#include "reports/formats/words/comparison.h"
#include "reports/store/run_store.h"

namespace reports {

struct CaseRun {
  std::string name;
  StoredRun run;
};

// Lines that no case has a figure for are left out.
Comparison compare_cases(const std::vector<CaseRun>& cases);

}  // namespace reports
