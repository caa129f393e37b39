// The figures of `rehearse abr` as text.
#pragma once

#include <string>
#include <vector>

#include "harness/abr/figures.h"

namespace harness {

struct TraceFigures {
  std::string trace;
  abr::Figures figures;
};

// An aligned line for each trace, and their mean where there are several.
std::string abr_table(const std::vector<TraceFigures>& all);
// An array; every object stands on a line of its own.
std::string abr_json(const std::vector<TraceFigures>& all, const std::string& rule, bool abandonment);

}  // namespace harness
