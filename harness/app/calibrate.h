// `rehearse calibrate`: its command line, its network, and the model file.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "base/errors.h"

namespace harness {

struct CalibrateArguments {
  std::string target, out = "model.json", step = "1s";
  int connections = 256;
  bool quiet = false;
};

CLI::App* add_calibrate(CLI::App& app, CalibrateArguments& arguments);
// Exceptions of base/errors.h come out. Interrupted: what was measured until then is in the file.
base::ExitCode run_calibrate(const CalibrateArguments& arguments);

}  // namespace harness
