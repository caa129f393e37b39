// The command line of `rehearse replay`.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "base/errors.h"
#include "harness/replay/replay.h"

namespace harness {

struct ReplayArguments {
  ReplayOptions options;
  std::string tcp = "packet", congestion_control = "cubic";
};

CLI::App* add_replay(CLI::App& app, ReplayArguments& arguments);
base::ExitCode run_replay(const ReplayArguments& arguments);

}  // namespace harness
