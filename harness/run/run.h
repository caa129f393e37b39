// The two ways of running a scenario, as the CLI calls them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/errors.h"

namespace harness {

struct RunOptions {
  std::string scenario_file;
  std::string directory;  // empty: out/NAME-TIMESTAMP
  std::vector<std::pair<std::string, std::string>> overrides;
  std::string case_name = "default";
  std::vector<std::string> junit_files;  // further copies of junit.xml
  bool quiet = false;
  // Of a virtual run:
  unsigned threads = 0;  // 0: one for each processor
  double scale = 1;      // share of the audience and of the edges' limits
};

// Each runs the scenario's cases one after another, where it has some, into folders of their names, and puts them side by side
// (cases.html); the exit code is then the most serious one. Real time and HTTP. Exceptions of base/errors.h come out; whatever was measured
// before is in the run directory.
base::ExitCode run_scenario(const RunOptions& options);
// Virtual time.
base::ExitCode simulate_scenario(const RunOptions& options);
// Rebuilds the reports of a stored run, or of all cases of one, and prints the verdict table. `directory` may name its run.db instead. The
// exit code is the run's.
base::ExitCode rebuild_reports(const std::string& directory);

}  // namespace harness
