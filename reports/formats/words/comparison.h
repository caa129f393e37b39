// The main KPIs side by side for the values of one tag (every device, every cohort, …), as text cells. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reports/store/run_store.h"

namespace reports {

// Null when the run has no such KPI.
const KpiRow* find_kpi(const std::vector<KpiRow>& kpis, std::string_view metric, const Tags& tags);

struct Comparison {
  struct Line {
    std::string name;  // "ios"; "all" in the first line
    std::vector<std::string> cells;
  };
  std::vector<std::string> columns;  // headings of the cells
  std::vector<Line> lines;
};

// Empty (no lines) when no KPI carries the tag.
Comparison compare_by(std::string_view tag, const std::vector<KpiRow>& kpis);

// The value of a KPI that one would quote: the rate or ratio, or the median of a trend.
std::string headline_figure(const KpiRow& kpi);

}  // namespace reports
