// The cases of a scenario side by side: a line for each headline figure and drill, a column for each case. Pure.
#pragma once

#include <string>
#include <vector>

#include "reports/formats/words/comparison.h"
#include "reports/store/run_store.h"

namespace reports {

// What the column of a case is made of, which is all that is kept of it while the others run.
struct CaseRun {
  std::string name, scenario, verdict;
  std::string world;           // "real" or "virtual"
  std::string world_in_words;  // a sentence without its full stop
  std::string headline;        // "Failed"
  std::vector<KpiRow> kpis;
  std::vector<DrillRow> drills;
};
CaseRun case_run(const std::string& name, const StoredRun& run);

// Lines that no case has a figure for are left out.
Comparison compare_cases(const std::vector<CaseRun>& cases);

}  // namespace reports
