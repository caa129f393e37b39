// fidelity_tcp: the downloads of tests/fidelity/tcp/client.py in virtual time, over the packet transport and the same link.
//
//   fidelity_tcp --trace FILE --load FILE [--late MS] [--congestion-control cubic|bbr] [--seed N] [--packets FILE | --fluid]
//
// Prints one line of JSON: the downloads, and what the downlink was offered and dropped. --late: when all begins, after a tick of the
// kernels' clocks of 4 ms; --seed: of BBR's chance; --packets lists every packet; --fluid: over the model without packets, the downloads
// alone.
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <map>

#include "base/errors.h"
#include "tests/fidelity/tcp/load.h"
#include "tests/fidelity/tcp/virtual_load.h"

namespace {

struct Arguments {
  std::string trace, load, packets, late = "0", control = "cubic", seed = "1";
  bool fluid = false;
};

Arguments parse(const std::vector<std::string>& words) {
  Arguments out;
  const std::map<std::string, std::string*> options{{"--trace", &out.trace}, {"--load", &out.load},
                                                    {"--late", &out.late},   {"--congestion-control", &out.control},
                                                    {"--seed", &out.seed},   {"--packets", &out.packets}};
  for (std::size_t i = 0; i < words.size(); i += 2) {
    if (words[i] == "--fluid") {
      out.fluid = true;
      --i;
      continue;
    }
    const auto option = options.find(words[i]);
    if (option == options.end() || i + 1 == words.size())
      throw base::InvalidInput(
          "command line",
          {{words[i], "expected --fluid, or --trace, --load, --late, --congestion-control, --seed or --packets with a value"}});
    *option->second = words[i + 1];
  }
  if (out.trace.empty() || out.load.empty()) throw base::InvalidInput("command line", {{"--trace, --load", "are required"}});
  return out;
}

fidelity::VirtualRun run_of(const Arguments& arguments) {
  const auto control = harness::modelled_congestion_control(arguments.control);
  if (!control)
    throw base::InvalidInput("command line",
                             {{"--congestion-control", fmt::format("\"{}\" is not modelled; write cubic or bbr", arguments.control)}});
  return {.late = base::from_seconds(std::strtod(arguments.late.c_str(), nullptr) / 1e3),
          .control = *control,
          .seed = std::strtoull(arguments.seed.c_str(), nullptr, 10)};
}

void run(const Arguments& arguments) {
  const fidelity::TraceLink link = fidelity::read_trace_link(arguments.trace);
  const fidelity::Load load = fidelity::read_load(arguments.load);
  const fidelity::VirtualRun run = run_of(arguments);
  if (arguments.fluid) return fmt::print("{}\n", fidelity::run_as_fluid(load, link, run).dump());
  std::ofstream packets;
  if (!arguments.packets.empty()) packets.open(arguments.packets);
  fmt::print("{}\n", fidelity::run_in_virtual_time(load, link, run, arguments.packets.empty() ? nullptr : &packets).dump());
  if (!arguments.packets.empty() && !packets.flush()) throw base::RunFailed("write " + arguments.packets + ": failed; is the disk full?");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(parse({argv + 1, argv + argc}));
    return 0;
  } catch (const base::InvalidInput& error) {
    fmt::print(stderr, "fidelity_tcp: {}\n", error.what());
    return static_cast<int>(base::ExitCode::kInvalidInput);
  } catch (const std::exception& error) {
    fmt::print(stderr, "fidelity_tcp: {}\n", error.what());
    return static_cast<int>(base::ExitCode::kRunFailed);
  }
}
