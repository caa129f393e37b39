// The plots of the report page: a figure each with a sentence and a table that say the same, and the data that report.js draws.
#pragma once

#include <string>

#include "reports/store/run_store.h"

namespace reports::html {

std::string plots_section(const StoredRun& run);
// JSON, safe inside a <script> element.
std::string plot_data(const StoredRun& run);

}  // namespace reports::html
