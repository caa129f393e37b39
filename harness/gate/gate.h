// Gate evaluation and the verdict of a run. Pure. No data is inconclusive, never passed; a saturated harness makes the run
// inconclusive whatever the gates say.
#pragma once

#include <string>
#include <vector>

#include "base/errors.h"
#include "harness/gate/threshold.h"
#include "reports/record/rows.h"

namespace harness {

// One row per threshold. A gate with several tags selects the KPI with exactly these tags; KPIs exist untagged and under single
// tags, so a gate with more than one tag is refused when the scenario is loaded. Sessions that never recovered from a drill count
// as longer than any recovery_time that was measured, drills that were felt and not detected as longer than any time_to_detect. Requires:
// the gates' metrics are known (parse_gate_key checks).
std::vector<reports::GateRow> evaluate(const std::vector<Gate>& gates, const std::vector<reports::KpiRow>& kpis);

// "inconclusive" when the harness was saturated; else "failed" when any gate failed; else "inconclusive" when any is; else
// "passed". No gates: "passed".
std::string verdict_of(const std::vector<reports::GateRow>& gates, const reports::HarnessRow& harness);
// passed 0, failed 99, inconclusive 98.
base::ExitCode exit_code_of(const std::string& verdict);

}  // namespace harness
