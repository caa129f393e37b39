// The sections of the report page that are text and tables. Each is markup, empty when the run has nothing for it.
#pragma once

#include <string>

#include "reports/store/run_store.h"

namespace reports::html {

// Caveats, verdict and reason, what was run.
std::string opening(const StoredRun& run);
std::string gates_section(const StoredRun& run);
std::string drills_section(const StoredRun& run);
// Every KPI over all viewers, the main ones side by side, and every KPI under every tag with its definition.
std::string kpis_section(const StoredRun& run);
// Every cohort's link, as configured and as measured.
std::string networks_section(const StoredRun& run);
// The simulated servers between viewers and content.
std::string delivery_section(const StoredRun& run);
// What the harness measured of itself.
std::string harness_section(const StoredRun& run);
std::string notes_section(const StoredRun& run);

}  // namespace reports::html
