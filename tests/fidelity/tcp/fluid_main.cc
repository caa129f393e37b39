// fidelity_fluid: ModelTransport's downloads beside PacketTransport's, over the links of fluid_cases.h and, of cubic, behind the
// bottlenecks of shared_cases.h, as tables.
//
//   fidelity_fluid [--all] [--megabytes N] [--congestion-control cubic|bbr] [TRACE FILE ...]
//
// --all: every case, the farthest apart last. Exit code 0: printed; 106: a bad trace.
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>

#include "base/errors.h"
#include "netem/model/trace_formats.h"
#include "tests/fidelity/lab/trace_link.h"
#include "tests/fidelity/tcp/fluid_cases.h"
#include "tests/fidelity/tcp/shared_cases.h"

namespace {

using fidelity::FluidCase;

void print_row(const std::string& group, const std::vector<double>& apart) {
  const fidelity::FluidSummary summary = fidelity::summary_of(apart);
  double mean = 0;
  for (const double each : apart) mean += each / static_cast<double>(apart.size());
  fmt::print("| {} | {} | {:.1f} % | {:.1f} % | {:.1f} % | {:+.1f} % |\n", group, apart.size(), summary.median * 100, summary.p95 * 100,
             summary.most * 100, mean * 100);
}

struct Arguments {
  bool all = false;
  int megabytes = 20;
  harness::CongestionControl control = harness::CongestionControl::kCubic;
  std::vector<std::string> traces;
};

void compare(const std::string& name, const std::vector<FluidCase>& cases, int megabytes, const Arguments& arguments) {
  std::map<FluidCase::Kind, std::vector<double>> by_kind;
  std::vector<double> apart;
  std::vector<std::pair<double, std::string>> lines;
  for (const FluidCase& one : cases) {
    const fidelity::FluidTimes times = fidelity::measure(one, megabytes, arguments.control);
    apart.push_back(times.apart());
    by_kind[one.kind].push_back(times.apart());
    lines.emplace_back(std::abs(times.apart()), fmt::format("{:+6.1f} %  {:8.3f} s  {:8.3f} s  {}", times.apart() * 100, times.packets,
                                                            times.fluid, fidelity::name_of(one)));
  }
  if (arguments.all) {
    std::sort(lines.begin(), lines.end());
    for (const auto& [off, line] : lines) fmt::print("{}\n", line);
  }
  for (const auto& [kind, of_kind] : by_kind) print_row(name + ", " + fidelity::word_of(kind), of_kind);
  print_row(name, apart);
}

[[noreturn]] void refuse(const std::string& option, const std::string& problem) {
  throw base::InvalidInput("command line", {{option, problem}});
}

harness::CongestionControl control_of(const std::string& word) {
  const auto control = harness::modelled_congestion_control(word);
  if (!control) refuse("--congestion-control", fmt::format("\"{}\" is not modelled; write cubic or bbr", word));
  return *control;
}

Arguments parse(const std::vector<std::string>& words) {
  Arguments out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--all")
      out.all = true;
    else if (words[i] == "--megabytes" && i + 1 < words.size())
      out.megabytes = std::atoi(words[++i].c_str());
    else if (words[i] == "--congestion-control" && i + 1 < words.size())
      out.control = control_of(words[++i]);
    else
      out.traces.push_back(words[i]);
  }
  if (out.megabytes < 1) refuse("--megabytes", "begins at 1");
  return out;
}

// Means over seeds.
fidelity::SharedTimes mean_of(fidelity::SharedTimes (*measure)(const fidelity::SharedCase&, std::uint64_t),
                              const fidelity::SharedCase& one) {
  constexpr std::uint64_t kSeeds = 3;
  fidelity::SharedTimes out;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const fidelity::SharedTimes times = measure(one, seed);
    out.mean += times.mean / kSeeds;
    out.median += times.median / kSeeds;
    out.p95 += times.p95 / kSeeds;
    out.carried += times.carried / kSeeds;
  }
  return out;
}

void compare_shared(bool all) {
  std::vector<double> mean, median, p95, carried;
  for (const fidelity::SharedCase& one : fidelity::shared_cases()) {
    const fidelity::SharedTimes packets = mean_of(fidelity::packets_of, one), fluid = mean_of(fidelity::fluid_of, one);
    mean.push_back(fluid.mean / packets.mean - 1);
    median.push_back(fluid.median / packets.median - 1);
    p95.push_back(fluid.p95 / packets.p95 - 1);
    carried.push_back(fluid.carried / packets.carried - 1);
    if (all)
      fmt::print("mean {:6.3f} s {:6.3f} s {:+5.1f} %  median {:+5.1f} %  p95 {:+5.1f} %  Mbit/s {:5.1f} {:5.1f} {:+5.1f} %  {}\n",
                 packets.mean, fluid.mean, mean.back() * 100, median.back() * 100, p95.back() * 100, packets.carried * 8e-6,
                 fluid.carried * 8e-6, carried.back() * 100, one.name);
  }
  fmt::print("\n| behind a bottleneck | cases | median | p95 | most | mean |\n|---|---|---|---|---|---|\n");
  print_row("mean time of a download", mean);
  print_row("its median", median);
  print_row("its 95th percentile", p95);
  print_row("bytes a second of all", carried);
}

void run(const Arguments& arguments) {
  fmt::print("| links | downloads | median | p95 | most | mean |\n|---|---|---|---|---|---|\n");
  const int megabytes = arguments.megabytes;
  compare("no loss", fidelity::lossless_cases(), 1, arguments);
  compare("HTTP/2", fidelity::stream_cases(), 1, arguments);
  for (const double loss : {0.005, 0.02}) compare(fmt::format("{} % lost", loss * 100), fidelity::lossy_cases(loss), megabytes, arguments);
  for (const double share : {0.01, 0.05})
    compare(fmt::format("{} % twice", share * 100), fidelity::duplicated_cases(share), megabytes, arguments);
  for (const double share : {0.01, 0.05, 0.25}) {
    compare(fmt::format("{} % overtake down", share * 100), fidelity::reordered_cases(share, 0), megabytes, arguments);
    compare(fmt::format("{} % overtake up", share * 100), fidelity::reordered_cases(0, share), megabytes, arguments);
    compare(fmt::format("{} % overtake both ways", share * 100), fidelity::reordered_cases(share, share), megabytes, arguments);
  }
  compare("slow up", fidelity::acknowledged_cases(), 1, arguments);
  compare("jitter", fidelity::jittery_cases(), megabytes, arguments);
  for (const std::string& file : arguments.traces) {
    const fidelity::TraceLink link = fidelity::read_trace_link(file);
    compare(file.substr(file.rfind('/') + 1), fidelity::traced_cases(*std::get<std::shared_ptr<const netem::Trace>>(link.link.down.rate)),
            1, arguments);
  }
  if (arguments.control == harness::CongestionControl::kCubic) compare_shared(arguments.all);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(parse({argv + 1, argv + argc}));
    return 0;
  } catch (const base::InvalidInput& error) {
    fmt::print(stderr, "fidelity_fluid: {}\n", error.what());
    return static_cast<int>(base::ExitCode::kInvalidInput);
  }
}
