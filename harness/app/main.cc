// rehearse: the harness's command line. Composition root: reads the command line, calls one function of a lower layer, turns
// exceptions into one message and an exit code (docs/exit-codes.md).
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>

#include "base/errors.h"
#include "base/text.h"
#include "generators/video/video.h"
#include "harness/app/abr.h"
#include "harness/app/calibrate.h"
#include "harness/app/feed.h"
#include "harness/app/generate_trace.h"
#include "harness/app/no_sign.h"
#include "harness/app/replay.h"
#include "harness/gate/known_names.h"
#include "harness/run/doctor.h"
#include "harness/run/progress_line.h"
#include "harness/run/run.h"
#include "harness/run/video_cache.h"
#include "harness/scenario/cases.h"
#include "harness/scenario/load.h"

namespace {

using base::ExitCode;

struct RunArguments {
  harness::RunOptions options;
  std::vector<std::string> sets, outputs;
  std::optional<std::uint64_t> seed;
};

std::pair<std::string, std::string> split(const std::string& text, const char* option, const char* form) {
  const auto at = text.find('=');
  if (at == std::string::npos || at == 0)
    throw base::InvalidInput("command line", {{option, fmt::format("\"{}\" must have the form {}", text, form)}});
  return {text.substr(0, at), text.substr(at + 1)};
}

harness::RunOptions resolved(const RunArguments& arguments) {
  harness::RunOptions options = arguments.options;
  for (const std::string& set : arguments.sets) options.overrides.push_back(split(set, "--set", "KEY=VALUE, such as audience.sessions=50"));
  if (arguments.seed) options.overrides.emplace_back("seed", std::to_string(*arguments.seed));
  for (const std::string& output : arguments.outputs) {
    const auto [kind, file] = split(output, "-o", "KIND=FILE, such as junit=results.xml");
    if (kind != "junit")
      throw base::InvalidInput("command line", {{"-o", fmt::format("\"{}\" is not a kind of output; known: junit", kind)}});
    if (file.empty()) throw base::InvalidInput("command line", {{"-o", fmt::format("\"{}\" names no file", output)}});
    options.junit_files.push_back(file);
  }
  return options;
}

CLI::App* add_run(CLI::App& app, const char* name, const char* help, RunArguments& arguments) {
  CLI::App* verb = app.add_subcommand(name, help);
  verb->add_option("SCENARIO", arguments.options.scenario_file, "scenario file (JSON, comments allowed)")->required();
  verb->add_option("--out", arguments.options.directory,
                   "run directory; a run that is there already is replaced (default: out/NAME-TIMESTAMP)")
      ->envname("REHEARSE_OUT");
  verb->add_option("--seed", arguments.seed, "seed of every random choice (default: the scenario's)")
      ->check(harness::no_sign)
      ->envname("REHEARSE_SEED");
  verb->add_option("--set", arguments.sets, "override a field: KEY=VALUE with a dotted path; repeatable");
  verb->add_option("-o,--output", arguments.outputs, "a further output: junit=FILE; repeatable");
  verb->add_flag("-q,--quiet", arguments.options.quiet, "no progress line")->envname("REHEARSE_QUIET");
  return verb;
}

struct VideoArguments {
  std::string pattern = "sports", size = "1280x720", duration = "60s", file;
  int fps = 30;
  std::uint64_t seed = 1;
};

CLI::App* add_generate(CLI::App& app) {
  CLI::App* generate = app.add_subcommand("generate", "make test material");
  generate->require_subcommand(1);
  return generate;
}

CLI::App* add_video(CLI::App& generate, VideoArguments& arguments) {
  CLI::App* video = generate.add_subcommand("video", "a test video with clock, frame identity, beep and flash");
  video->add_option("--pattern", arguments.pattern, "slides, talk, sports or noise, by rising complexity")->capture_default_str();
  video->add_option("--size", arguments.size, "WIDTHxHEIGHT in pixels, even")->capture_default_str();
  video->add_option("--fps", arguments.fps, "frames per second")->capture_default_str();
  video->add_option("--duration", arguments.duration, "such as 90s or 1m30s")->capture_default_str();
  video->add_option("--seed", arguments.seed, "seed of the moving content")->check(harness::no_sign)->capture_default_str();
  video->add_option("--out", arguments.file, "the MP4 file to write")->required();
  return video;
}

volatile sig_atomic_t g_interrupted = 0;

generators::VideoSpec video_spec(const VideoArguments& arguments) {
  std::vector<base::Problem> problems;
  generators::VideoSpec spec{.fps = arguments.fps, .seed = arguments.seed, .file = arguments.file};
  if (const auto pattern = generators::parse_pattern(arguments.pattern); pattern.has_value())
    spec.pattern = *pattern;
  else
    problems.push_back({"--pattern", pattern.error().message});
  if (const auto duration = base::parse_duration(arguments.duration); duration.has_value())
    spec.duration = *duration;
  else
    problems.push_back({"--duration", duration.error().message});
  char tail = 0;
  if (std::sscanf(arguments.size.c_str(), "%5dx%5d%c", &spec.width, &spec.height, &tail) != 2)
    problems.push_back({"--size", fmt::format("\"{}\" must have the form WIDTHxHEIGHT, such as 1280x720", arguments.size)});
  base::throw_if_any("command line", problems);
  return spec;
}

ExitCode generate_video(const VideoArguments& arguments) {
  const generators::VideoSpec spec = video_spec(arguments);
  signal(SIGINT, [](int) { g_interrupted = 1; });
  signal(SIGTERM, [](int) { g_interrupted = 1; });
  harness::ProgressLine progress{harness::ProgressLine::Mode::kAuto};
  generators::generate_video(spec, [&](double share) {
    const auto filled = static_cast<std::size_t>(share * 40);
    progress.show("generate", fmt::format("[{}{}] {:3.0f} %", std::string(filled, '#'), std::string(40 - filled, '.'), share * 100));
    return g_interrupted == 0;
  });
  progress.say(fmt::format("wrote {}: {} {}x{}, {} frames per second, {}", spec.file, generators::to_text(spec.pattern), spec.width,
                           spec.height, spec.fps, base::to_text(spec.duration)));
  return ExitCode::kPassed;
}

ExitCode validate(const RunArguments& arguments) {
  const harness::RunOptions options = resolved(arguments);
  const harness::Scenario scenario = harness::load_scenario(options.scenario_file, options.overrides, harness::video_name_flaw);
  const auto cases = harness::load_checked_cases(options.scenario_file, options.overrides, harness::video_name_flaw);
  fmt::print("{}: valid: {} sessions in {} cohorts, {} drills, {} gates, {}{}\n", options.scenario_file, scenario.sessions,
             scenario.cohorts.size(), scenario.drills.size(), scenario.gates.size(), base::to_text(scenario.duration),
             cases.empty() ? "" : fmt::format(", {} cases", cases.size()));
  return ExitCode::kPassed;
}

ExitCode doctor(bool as_json) {
  const harness::Diagnosis diagnosis = harness::diagnose();
  fmt::print("{}", as_json ? to_json(diagnosis).dump(2) + "\n" : "rehearse " REHEARSAL_VERSION " on " + to_text(diagnosis));
  return diagnosis.able ? ExitCode::kPassed : ExitCode::kRunFailed;
}

// A word where a command stands: CLI11 would only say that one is missing.
void check_command(const CLI::App& app, int argc, char** argv, int at) {
  if (at >= argc || argv[at][0] == '-') return;
  std::vector<std::string> known;
  for (const CLI::App* each : app.get_subcommands({})) {
    if (each->get_name() == argv[at]) return each->get_require_subcommand_min() > 0 ? check_command(*each, argc, argv, at + 1) : void();
    known.push_back(each->get_name());
  }
  throw base::InvalidInput("command line", {{"", harness::unknown_name("command", argv[at], known)}});
}

int report(ExitCode code, const std::string& text) {
  fmt::print(stderr, "rehearse: {}\n", text);
  return static_cast<int>(code);
}

int run(int argc, char** argv) {
  CLI::App app{"Rehearse a streaming event before the audience arrives."};
  app.set_version_flag("--version", REHEARSAL_VERSION);
  app.require_subcommand(1);
  RunArguments run_arguments, simulate_arguments, validate_arguments;
  VideoArguments video_arguments;
  harness::TraceArguments trace_arguments;
  harness::ReplayArguments replay_arguments;
  harness::AbrArguments abr_arguments;
  harness::CalibrateArguments calibrate_arguments;
  harness::FeedArguments feed_arguments;
  std::string directory;
  CLI::App* run = add_run(app, "run", "rehearse a scenario in real time", run_arguments);
  CLI::App* simulate = add_run(app, "simulate", "the same in virtual time, on models of server and links", simulate_arguments);
  simulate->add_option("--threads", simulate_arguments.options.threads, "threads (default: one for each processor); the result is the same")
      ->check(CLI::Range(1u, 1024u))
      ->envname("REHEARSE_THREADS");
  simulate
      ->add_option("--scale", simulate_arguments.options.scale,
                   "share of the audience, such as 0.01, for trying out; edges get that share of their limits")
      ->check([](const std::string& text) {
        const double share = std::strtod(text.c_str(), nullptr);
        return share > 0 && share <= 1 ? std::string{} : fmt::format("{} is not a share above 0 and at most 1, such as 0.01", text);
      })
      ->envname("REHEARSE_SCALE");
  CLI::App* check = app.add_subcommand("validate", "list every error of a scenario with its path; nothing is started");
  check->add_option("SCENARIO", validate_arguments.options.scenario_file, "scenario file")->required();
  check->add_option("--set", validate_arguments.sets, "override a field: KEY=VALUE; repeatable");
  CLI::App* rebuild = app.add_subcommand("report", "rebuild the reports of a stored run");
  rebuild->add_option("RUN", directory, "run directory, or that of several cases")->required();
  CLI::App* generate = add_generate(app);
  CLI::App* video = add_video(*generate, video_arguments);
  CLI::App* trace = harness::add_trace(*generate, trace_arguments);
  CLI::App* replay = harness::add_replay(app, replay_arguments);
  CLI::App* abr = harness::add_abr(app, abr_arguments);
  CLI::App* calibrate = harness::add_calibrate(app, calibrate_arguments);
  CLI::App* feed = harness::add_feed(app, feed_arguments);
  bool as_json = false;
  CLI::App* examine = app.add_subcommand("doctor", "say what this machine can and cannot do, and why");
  examine->add_flag("--json", as_json, "as JSON");
  check_command(app, argc, argv, 1);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& failure) {
    const int code = app.exit(failure);
    return code == 0 ? 0 : static_cast<int>(ExitCode::kInvalidInput);
  }
  if (*run) return static_cast<int>(harness::run_scenario(resolved(run_arguments)));
  if (*simulate) return static_cast<int>(harness::simulate_scenario(resolved(simulate_arguments)));
  if (*check) return static_cast<int>(validate(validate_arguments));
  if (*rebuild) return static_cast<int>(harness::rebuild_reports(directory));
  if (*video) return static_cast<int>(generate_video(video_arguments));
  if (*trace) return static_cast<int>(harness::generate_trace(trace_arguments));
  if (*replay) return static_cast<int>(harness::run_replay(replay_arguments));
  if (*abr) return static_cast<int>(harness::run_abr(abr_arguments));
  if (*calibrate) return static_cast<int>(harness::run_calibrate(calibrate_arguments));
  if (*feed) return static_cast<int>(harness::run_feed(feed_arguments));
  if (*examine) return static_cast<int>(doctor(as_json));
  return static_cast<int>(ExitCode::kInvalidInput);
}

}  // namespace

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  try {
    return run(argc, argv);
  } catch (const base::InvalidInput& failure) {
    return report(ExitCode::kInvalidInput, failure.what());
  } catch (const base::Interrupted& failure) {
    return report(ExitCode::kInterrupted, failure.what());
  } catch (const std::exception& failure) {
    return report(ExitCode::kRunFailed, failure.what());
  }
}
