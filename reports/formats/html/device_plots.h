// The plots of what each device's sessions did over time: bitrate, with the link where all share one, and buffer.
#pragma once

#include <string>

#include "base/json_reader.h"
#include "reports/store/run_store.h"

namespace reports::html {

// Empty unless several devices played.
std::string device_figures(const StoredRun& run);
// Adds what report.js draws of them, at the points of thinned(series, kPlotPoints).
void add_device_data(base::Json& data, const StoredRun& run);

}  // namespace reports::html
