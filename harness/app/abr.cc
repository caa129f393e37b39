#include "harness/app/abr.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "base/steady_timeline.h"
#include "base/text.h"
#include "harness/app/abr_batch.h"
#include "harness/app/abr_report.h"
#include "harness/run/progress_line.h"

namespace harness {
namespace {

namespace fs = std::filesystem;
using namespace base::literals;

constexpr base::Duration kQuietFor = 2s;  // no progress line before
constexpr base::Duration kLongestBuffer = 24h;

volatile sig_atomic_t g_abr_interrupted = 0;

abr::SessionOptions session_options(const AbrArguments& arguments) {
  std::vector<base::Problem> problems;
  abr::SessionOptions options{.abandonment = arguments.abandonment};
  if (const auto rule = abr::rule_named(arguments.rule); rule.has_value())
    options.rule = *rule;
  else
    problems.push_back({"--rule", rule.error().message});
  const auto buffer = base::parse_duration(arguments.buffer);
  if (!buffer.has_value())
    problems.push_back({"--buffer", buffer.error().message});
  else if (*buffer <= 0s || *buffer > kLongestBuffer)
    problems.push_back({"--buffer", fmt::format("\"{}\" must be above 0 and at most {}", arguments.buffer, base::to_text(kLongestBuffer))});
  else
    options.buffer_ms = base::to_milliseconds(*buffer);
  base::throw_if_any("command line", problems);
  return options;
}

abr::Movie movie_of(const AbrArguments& arguments, const abr::SessionOptions& options) {
  abr::Movie movie = abr::read_movie_file(arguments.movie);
  if (options.buffer_ms < movie.segment_ms)
    throw base::InvalidInput("command line", {{"--buffer", fmt::format("{} holds no segment of {}, which lasts {:g} s; give at least that",
                                                                       arguments.buffer, arguments.movie, movie.segment_ms / 1000)}});
  return movie;
}

bool is_trace_file(const fs::path& file, const fs::path& movie) {
  std::error_code ignored;
  return file.extension() == ".json" && fs::is_regular_file(file, ignored) && !fs::equivalent(file, movie, ignored);
}

// A folder stands for the traces in it, by name.
std::vector<std::string> trace_files(const AbrArguments& arguments) {
  std::error_code failure;
  if (!fs::is_directory(arguments.network, failure)) return {arguments.network};
  std::vector<std::string> files;
  for (const fs::directory_entry& entry : fs::directory_iterator{arguments.network, failure})
    if (is_trace_file(entry.path(), arguments.movie)) files.push_back(entry.path().string());
  if (failure) throw base::InvalidInput(arguments.network, {{"", fmt::format("cannot be read: {}", failure.message())}});
  if (files.empty()) throw base::InvalidInput(arguments.network, {{"", "holds no trace; put files named *.json in it"}});
  std::ranges::sort(files);
  return files;
}

// Draws a line each second once it takes long.
class AbrProgress {
 public:
  explicit AbrProgress(std::size_t all) : all_{all} {}
  void show(std::size_t done) {
    const base::Instant now = base::steady_now();
    if (now < due_) return;
    due_ = now + 1s;
    const std::size_t filled = done * 40 / all_;
    line_.show("abr", fmt::format("[{}{}] {} of {} traces", std::string(filled, '#'), std::string(40 - filled, '.'), done, all_));
  }

 private:
  std::size_t all_;
  ProgressLine line_{ProgressLine::Mode::kAuto};
  base::Instant due_ = base::steady_now() + kQuietFor;
};

std::vector<std::optional<abr::Figures>> play_watched(const AbrBatch& batch) {
  signal(SIGINT, [](int) { g_abr_interrupted = 1; });
  signal(SIGTERM, [](int) { g_abr_interrupted = 1; });
  AbrProgress progress{batch.traces.size()};
  return play_batch(batch, [&progress](std::size_t done) {
    progress.show(done);
    return g_abr_interrupted == 0;
  });
}

}  // namespace

CLI::App* add_abr(CLI::App& app, AbrArguments& arguments) {
  CLI::App* verb = app.add_subcommand("abr", "an ABR rule over bandwidth traces: Sabre's inputs, model and figures");
  verb->add_option("--movie", arguments.movie, "movie file (JSON, docs/abr.md)")->required();
  verb->add_option("--network", arguments.network, "network trace (JSON), or a folder of them")->required();
  verb->add_option("--rule", arguments.rule, "one of: " + abr::known_rules())->required();
  verb->add_option("--buffer", arguments.buffer, "the most media that the player holds")->capture_default_str();
  verb->add_flag("--abandonment", arguments.abandonment, "the rule may give a download up for a lower bitrate");
  verb->add_flag("--json", arguments.json, "an array of one object for each trace, with all figures");
  return verb;
}

base::ExitCode run_abr(const AbrArguments& arguments) {
  const abr::SessionOptions options = session_options(arguments);
  const abr::Movie movie = movie_of(arguments, options);
  const AbrBatch batch{
      .movie = movie, .traces = trace_files(arguments), .options = options, .threads = std::max(1u, std::thread::hardware_concurrency())};
  std::vector<TraceFigures> finished;
  const auto results = play_watched(batch);
  for (std::size_t i = 0; i < results.size(); ++i)
    if (results[i]) finished.push_back({.trace = fs::path{batch.traces[i]}.stem().string(), .figures = *results[i]});
  fmt::print("{}", arguments.json ? abr_json(finished, arguments.rule, arguments.abandonment) : abr_table(finished));
  std::fflush(stdout);  // before what is said of an interruption
  if (finished.size() < results.size())
    throw base::Interrupted(fmt::format("interrupted: {} of {} traces are finished", finished.size(), results.size()));
  return base::ExitCode::kPassed;
}

}  // namespace harness
