// fidelity_lab: runs one command behind one link from a trace, with nginx on a folder of media at the other end
// (http://198.18.0.1/), and writes what the link did. The exit status is the command's; 104, 105 and 107 as docs/exit-codes.md says.
//
//   fidelity_lab --trace FILE --content DIR --work DIR --report FILE [--patience SECONDS] [--congestion-control WORD] -- COMMAND
//   [ARGUMENT…]
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "base/errors.h"
#include "netem/links/probe.h"
#include "tests/fidelity/lab/link_report.h"
#include "tests/fidelity/lab/player_lab.h"

namespace {

using base::ExitCode;

struct Arguments {
  std::string trace, content, work, report, control = "cubic";
  base::Duration patience = std::chrono::hours{1};
  std::vector<std::string> command;
};

[[noreturn]] void refuse(const std::string& option, const std::string& problem) {
  throw base::InvalidInput("command line", {{option, problem}});
}

Arguments parse(const std::vector<std::string>& words) {
  Arguments out;
  std::string patience = "3600";
  const std::map<std::string, std::string*> options{{"--trace", &out.trace},   {"--content", &out.content},
                                                    {"--work", &out.work},     {"--report", &out.report},
                                                    {"--patience", &patience}, {"--congestion-control", &out.control}};
  std::size_t i = 0;
  for (; i < words.size() && words[i] != "--"; i += 2) {
    const auto option = options.find(words[i]);
    if (option == options.end() || i + 1 == words.size())
      refuse(words[i],
             "expected --trace, --content, --work, --report, --patience or --congestion-control with a value, then -- and the command");
    *option->second = words[i + 1];
  }
  for (++i; i < words.size(); ++i) out.command.push_back(words[i]);
  for (const auto& [name, value] : options)
    if (value->empty()) refuse(name, "is required and missing");
  if (out.command.empty()) refuse("--", "is to be followed by the command that is to run behind the link");
  const double seconds = std::strtod(patience.c_str(), nullptr);
  if (!(seconds > 0 && seconds <= 1e6)) refuse("--patience", "must be seconds above 0 and at most 1000000");
  out.patience = base::from_seconds(seconds);
  return out;
}

// Blocked in all threads, and read by the loop; whoever started us takes us along when it dies.
netem::Descriptor stop_signals() {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  sigset_t stops;
  sigemptyset(&stops);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&stops, signal);
  sigprocmask(SIG_BLOCK, &stops, nullptr);
  return netem::Descriptor{static_cast<int>(base::checked("watch for signals", signalfd(-1, &stops, SFD_CLOEXEC | SFD_NONBLOCK)))};
}

int run(const Arguments& arguments) {
  const netem::Descriptor stop = stop_signals();
  const fidelity::TraceLink link = fidelity::read_trace_link(arguments.trace);
  netem::choose_backend(netem::BackendChoice::kTun, netem::probe_links());
  fidelity::PlayerLab lab{{.link = link,
                           .content = std::filesystem::absolute(arguments.content).string(),
                           .work = std::filesystem::absolute(arguments.work).string(),
                           .congestion_control = arguments.control}};
  const std::optional<int> status = lab.run(arguments.command, stop.get(), arguments.patience);
  std::ofstream out{arguments.report};
  out << fidelity::link_report(link, lab.read()).dump() << '\n';
  if (!out.flush()) throw base::RunFailed("write " + arguments.report + ": failed; is the disk full?");
  return status.value_or(static_cast<int>(ExitCode::kInterrupted));
}

int report(ExitCode code, const std::string& text) {
  fmt::print(stderr, "fidelity_lab: {}\n", text);
  return static_cast<int>(code);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(parse({argv + 1, argv + argc}));
  } catch (const base::InvalidInput& error) {
    return report(ExitCode::kInvalidInput, error.what());
  } catch (const std::exception& error) {
    return report(ExitCode::kRunFailed, error.what());
  }
}
