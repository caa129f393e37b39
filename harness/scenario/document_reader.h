// How a scenario's further JSON files are read: by a function that the loader passes in, as with traces (trace_files.h).
#pragma once

#include <functional>
#include <string>

#include "base/json_reader.h"

namespace harness {

// Throws base::InvalidInput.
using DocumentReader = std::function<base::Json(const std::string& file)>;

}  // namespace harness
