// How a scenario's trace files are read: by a function that the loader passes in, so that reading a document alone opens no file.
#pragma once

#include <functional>
#include <string>

#include "netem/model/trace.h"

namespace harness {

// Throws base::InvalidInput.
using TraceReader = std::function<netem::Trace(const std::string& file)>;

struct TraceFiles {
  std::string beside{};  // the scenario file: relative names are looked for in its folder
  TraceReader read{};    // may be empty
};

}  // namespace harness
