// fidelity_player: plays one emulated session in real time, in the namespace it is started in, and writes its recording.
//
//   fidelity_player --device NAME --url URL --seconds S --out FILE
#include <fmt/format.h>
#include <sys/prctl.h>

#include <cstdlib>
#include <fstream>
#include <map>

#include "base/errors.h"
#include "tests/fidelity/player/recorded_session.h"

namespace {

using base::ExitCode;

[[noreturn]] void refuse(const std::string& option, const std::string& problem) {
  throw base::InvalidInput("command line", {{option, problem}});
}

int play(const std::vector<std::string>& words) {
  std::map<std::string, std::string> options{{"--device", ""}, {"--url", ""}, {"--seconds", ""}, {"--out", ""}};
  for (std::size_t i = 0; i < words.size(); i += 2) {
    if (!options.contains(words[i]) || i + 1 == words.size()) refuse(words[i], "expected --device, --url, --seconds and --out");
    options[words[i]] = words[i + 1];
  }
  for (const auto& [name, value] : options)
    if (value.empty()) refuse(name, "is required and missing");
  const double seconds = std::strtod(options["--seconds"].c_str(), nullptr);
  if (!(seconds > 0 && seconds <= 1e5)) refuse("--seconds", "must be above 0 and at most 100000");
  fidelity::RecordedSession session{{.device = options["--device"], .url = options["--url"], .length = base::from_seconds(seconds)}};
  session.play();
  std::ofstream out{options["--out"]};
  out << session.recording().dump() << '\n';
  if (!out.flush()) throw base::RunFailed("write " + options["--out"] + ": failed; is the disk full?");
  return 0;
}

int report(ExitCode code, const std::string& text) {
  fmt::print(stderr, "fidelity_player: {}\n", text);
  return static_cast<int>(code);
}

}  // namespace

int main(int argc, char** argv) {
  prctl(PR_SET_TIMERSLACK, 1000UL);
  try {
    return play({argv + 1, argv + argc});
  } catch (const base::InvalidInput& error) {
    return report(ExitCode::kInvalidInput, error.what());
  } catch (const std::exception& error) {
    return report(ExitCode::kRunFailed, error.what());
  }
}
