// The command line of `rehearse abr` (docs/abr.md).
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "base/errors.h"

namespace harness {

struct AbrArguments {
  std::string movie, network, rule, buffer = "25s";
  bool abandonment = false, json = false;
};

CLI::App* add_abr(CLI::App& app, AbrArguments& arguments);
// Prints the figures. Throws base::InvalidInput, and base::Interrupted once what was finished is printed.
base::ExitCode run_abr(const AbrArguments& arguments);

}  // namespace harness
