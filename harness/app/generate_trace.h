// rehearse generate trace: the command line of generators/trace.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "base/errors.h"

namespace harness {

// As given on the command line.
struct TraceArguments {
  std::string model = "markov", mean, duration = "5m", step = "1s", dwell = "10s", outage = "5s", between = "60s", rtt;
  std::string format = "rehearsal", file;
  std::string from;  // a trace file to convert, instead of a model
  double variation = 0.5, correlation = 0.9;
  std::uint64_t seed = 1;
  std::vector<std::string> given;  // the options that were there, such as "--dwell"
};

// The sub-command of `generate`; `arguments` must outlive the parse.
CLI::App* add_trace(CLI::App& generate, TraceArguments& arguments);
// Generates or converts. Writes the file and one line about it on standard output.
base::ExitCode generate_trace(const TraceArguments& arguments);

}  // namespace harness
