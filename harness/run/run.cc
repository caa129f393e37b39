#include "harness/run/run.h"

#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/json_reader.h"
#include "base/read_file.h"
#include "base/steady_timeline.h"
#include "base/text.h"
#include "harness/gate/gate.h"
#include "harness/run/memory_budget.h"
#include "harness/run/real_stage.h"
#include "harness/run/rehearsal.h"
#include "harness/run/scaled.h"
#include "harness/run/video_cache.h"
#include "harness/run/virtual_stage.h"
#include "harness/scenario/cases.h"
#include "harness/scenario/load.h"
#include "reports/formats/formats.h"

namespace harness {
namespace {

namespace fs = std::filesystem;

Scenario load(const RunOptions& options) {
  Scenario scenario = load_scenario(options.scenario_file, options.overrides, video_name_flaw);
  scenario.case_name = options.case_name;
  return scenario;
}

std::string resolved_text(const Scenario& scenario) { return scenario_to_json(scenario).dump(2) + '\n'; }

// "out/premiere-20261124-161805", with "-2" and so on when it exists.
std::string default_directory(const std::string& name) {
  std::string stamp = base::to_iso8601(base::utc_now()).substr(0, 19);
  std::erase(stamp, '-');
  std::erase(stamp, ':');
  stamp[8] = '-';
  const std::string wanted = fmt::format("out/{}-{}", name, stamp);
  std::string free = wanted;
  for (int n = 2; fs::exists(free); ++n) free = fmt::format("{}-{}", wanted, n);
  return free;
}

std::string directory_of(const RunOptions& options, const std::string& name) {
  return fs::absolute(options.directory.empty() ? default_directory(name) : options.directory).lexically_normal().string();
}

// It is there, or will be because the run directory is or lies in it.
bool is_or_will_be_folder(const fs::path& folder, const std::string& directory) {
  std::error_code ignored;
  if (fs::is_directory(folder, ignored)) return true;
  const fs::path below = fs::path{directory}.lexically_relative(fs::absolute(folder).lexically_normal());
  return !below.empty() && *below.begin() != "..";
}

// What could not be written after the run, or would be lost by it, is told before.
void check_outputs(const RunOptions& options, const Scenario& scenario) {
  const std::string& directory = options.directory;
  std::vector<base::Problem> problems;
  std::error_code ignored;
  const fs::path own = fs::path{directory} / "scenario.json";
  if (fs::equivalent(own, options.scenario_file, ignored) && base::read_file(options.scenario_file) != resolved_text(scenario))
    problems.push_back({"--out", fmt::format("{} is the scenario itself, which the run would replace by the resolved one; give another "
                                             "directory",
                                             own.string())});
  if (fs::exists(directory, ignored) && !fs::is_directory(directory, ignored))
    problems.push_back({"--out", fmt::format("{} is a file; name a directory", directory)});
  for (const std::string& file : options.junit_files) {
    if (fs::equivalent(file, options.scenario_file, ignored))
      problems.push_back({"-o", fmt::format("{} is the scenario itself; name another file", file)});
    const fs::path folder = fs::absolute(file).parent_path();
    if (fs::exists(file, ignored)) {
      if (!fs::is_regular_file(file, ignored) || access(file.c_str(), W_OK) != 0)
        problems.push_back({"-o", fmt::format("{} is {}; name another file", file,
                                              fs::is_directory(file, ignored) ? "a directory" : "no file that can be written")});
    } else if (!is_or_will_be_folder(folder, directory)) {
      problems.push_back({"-o", fmt::format("{} cannot be written: there is no directory {}; make it first", file, folder.string())});
    } else if (fs::is_directory(folder, ignored) && access(folder.c_str(), W_OK) != 0) {
      problems.push_back({"-o", fmt::format("{} cannot be written: the directory may not be written", file)});
    }
  }
  base::throw_if_any("command line", problems);
}

void make_directory(const std::string& directory, const Scenario& scenario) {
  std::error_code failure;
  fs::create_directories(directory, failure);
  if (failure) throw base::RunFailed("create " + directory + ": " + failure.message());
  for (const char* old : {"server-ready.json", "cases.json", "cases.html"}) fs::remove(fs::path{directory} / old, failure);
  std::ofstream out{directory + "/scenario.json"};
  out << resolved_text(scenario);
  if (!out.flush())
    throw base::RunFailed("write " + directory + "/scenario.json: failed; is the disk full, or the directory not writable?");
}

// The run's own failure outranks what the gates say.
base::ExitCode exit_code(const reports::RunRow& run) {
  if (run.outcome == "run-failed") return base::ExitCode::kRunFailed;
  if (run.outcome == "interrupted") return base::ExitCode::kInterrupted;
  return exit_code_of(run.verdict);
}

void copy_junit(const std::string& directory, const std::string& file) {
  const std::string own = directory + "/junit.xml";
  std::error_code failure;
  if (fs::equivalent(own, file, failure)) return;
  fs::copy_file(own, file, fs::copy_options::overwrite_existing, failure);
  if (failure) throw base::RunFailed(fmt::format("write {}: {}; the same is in {}", file, failure.message(), own));
}

reports::StoredRun publish(const std::string& directory, const std::vector<std::string>& junit_files = {}) {
  reports::StoredRun stored = reports::write_all(directory);
  std::fputs(reports::terminal_table(stored, isatty(STDOUT_FILENO) == 1).c_str(), stdout);
  fmt::print("\nreport: {}/report.html\n", directory);
  std::fflush(stdout);
  if (stored.run.outcome == "run-failed") fmt::print(stderr, "rehearse: {}\n", stored.run.outcome_reason);
  for (const std::string& file : junit_files) copy_junit(directory, file);
  return stored;
}

reports::StoredRun conclude(Rehearsal& rehearsal, reports::RunStoreWriter& store, const RunOptions& options) {
  rehearsal.close();
  store.flush();
  malloc_trim(0);  // what the viewers held goes back to the system: the reports' long lists would not fit into its small pieces
  return publish(options.directory, options.junit_files);
}

netem::BackendChoice choice_of(LinkChoice choice) {
  switch (choice) {
    case LinkChoice::kAuto:
      return netem::BackendChoice::kAuto;
    case LinkChoice::kKernel:
      return netem::BackendChoice::kKernel;
    case LinkChoice::kTun:
      return netem::BackendChoice::kTun;
    case LinkChoice::kNone:
      return netem::BackendChoice::kNone;
  }
  return netem::BackendChoice::kAuto;
}

// The networks' fields that the kernel's netem refuses beside other players' queues (netem/kernel).
std::vector<base::Problem> refused_by_kernel(const Scenario& scenario) {
  std::vector<base::Problem> out;
  for (const auto& [name, network] : scenario.networks)
    for (const auto& [way, spec] : {std::pair{"down", &network.link.down}, std::pair{"up", &network.link.up}})
      if (spec->duplicate > 0)
        out.push_back({fmt::format("networks.{}.{}.duplicate", name, way),
                       "the kernel's netem refuses duplication beside the queues of other players; use links.backend \"tun\""});
  return out;
}

netem::BackendChoice backend_for(const Scenario& scenario) {
  netem::BackendChoice choice = choice_of(scenario.links.backend);
  if (choice == netem::BackendChoice::kNone) return choice;
  const std::vector<base::Problem> refused = refused_by_kernel(scenario);
  if (choice == netem::BackendChoice::kKernel) base::throw_if_any(scenario.file, refused);
  if (choice == netem::BackendChoice::kAuto && !refused.empty()) choice = netem::BackendChoice::kTun;
  return netem::choose_backend(choice, netem::probe_links());
}

// An error of our own environment in the middle of a run ends it; what was seen until then is kept.
void turn(boost::asio::io_context& io, Rehearsal& rehearsal) {
  try {
    io.run_one();
  } catch (const std::exception& failure) {
    rehearsal.fail(failure.what());
  }
}

// First Ctrl-C or SIGTERM: end in order. Second: at once (the kernel then ends the children).
class Signals {
 public:
  Signals(boost::asio::io_context& io, std::function<void()> stop) : set_{io, SIGINT, SIGTERM}, stop_{std::move(stop)} { wait(); }
  bool seen() const { return seen_; }

 private:
  void wait() {
    set_.async_wait([this](const boost::system::error_code& error, int) {
      if (error) return;
      if (seen_) std::_Exit(static_cast<int>(base::ExitCode::kInterrupted));
      seen_ = true;
      stop_();
      wait();
    });
  }
  boost::asio::signal_set set_;
  std::function<void()> stop_;
  bool seen_ = false;
};

// "simulated 14850 session-seconds in 0.31 s: 48k a second"
std::string simulated(const Rehearsal& rehearsal, base::Duration wall) {
  const double all = rehearsal.session_seconds(), played = rehearsal.played_seconds();
  return fmt::format("simulated {:.0f} session-seconds in {:.2f} s: {} a second", all, base::to_seconds(wall),
                     base::abbreviated(all / base::to_seconds(wall))) +
         (played < all ? fmt::format("; {:.0f} of them were played, representatives' for the others", played) : std::string{});
}

}  // namespace

namespace {

reports::StoredRun run_case(const RunOptions& options, const Scenario& scenario) {
  const netem::BackendChoice backend = backend_for(scenario);  // before any thread is started: it may enter a user namespace
  make_directory(options.directory, scenario);
  reports::RunStoreWriter store{options.directory + "/run.db"};
  ProgressLine progress{options.quiet ? ProgressLine::Mode::kQuiet : ProgressLine::Mode::kAuto};
  boost::asio::io_context io{1};
  RealStage stage{io, scenario, options.directory, backend};
  Rehearsal rehearsal{scenario,
                      stage,
                      store,
                      progress,
                      {.world = "real", .version = REHEARSAL_VERSION, .started_at_utc = base::to_iso8601(base::utc_now())}};
  Signals signals{io, [&] { rehearsal.interrupt(); }};
  try {
    stage.prepare(progress, [&] { return signals.seen(); });
    rehearsal.begin();
  } catch (const base::RunFailed& failure) {
    rehearsal.fail(failure.what());
  } catch (const base::Interrupted&) {
    rehearsal.interrupt();
  }
  while (!rehearsal.done()) {
    turn(io, rehearsal);
    if (const std::string reason = store.failure(); !reason.empty()) rehearsal.fail(reason);
  }
  return conclude(rehearsal, store, options);
}

Scenario load_scaled(const RunOptions& options) { return scaled(load(options), options.scale); }

void check_real(const Scenario& scenario) {
  if (scenario.links.backend == LinkChoice::kKernel) base::throw_if_any(scenario.file, refused_by_kernel(scenario));
}

void check_virtual(const Scenario& scenario) {
  check_model(scenario);
  check_memory(scenario, free_memory());
}

reports::StoredRun simulate_case(const RunOptions& options, const Scenario& scenario) {
  VirtualStage stage{scenario, options.threads};
  make_directory(options.directory, scenario);
  reports::RunStoreWriter store{options.directory + "/run.db", reports::WhenFull::kWait};
  ProgressLine progress{options.quiet ? ProgressLine::Mode::kQuiet : ProgressLine::Mode::kAuto};
  reports::RunRow about{.world = "virtual", .version = REHEARSAL_VERSION};
  if (options.scale < 1) about.notes.push_back(scale_note(load(options), options.scale));
  Rehearsal rehearsal{scenario, stage, store, progress, std::move(about)};
  const base::Instant began = base::steady_now();
  rehearsal.begin();
  boost::asio::io_context io{1};
  Signals signals{io, [&] { rehearsal.interrupt(); }};
  while (!rehearsal.done()) {
    stage.run_until([&] { return rehearsal.done(); }, stage.timeline().now() + std::chrono::seconds{1});
    io.poll();
    if (const std::string reason = store.failure(); !reason.empty()) rehearsal.fail(reason);
  }
  progress.say(simulated(rehearsal, base::steady_now() - began));
  return conclude(rehearsal, store, options);
}

RunOptions options_of(const RunOptions& options, const ScenarioCase& one, const std::string& directory) {
  RunOptions out = options;
  out.overrides = one.behind(options.overrides);
  out.case_name = one.name;
  out.directory = directory + "/" + one.name;
  for (std::string& each : out.junit_files) {
    const fs::path file{each};
    each = (file.parent_path() / fmt::format("{}.{}{}", file.stem().string(), one.name, file.extension().string())).string();
  }
  return out;
}

void print_cases(const std::string& directory, const std::vector<reports::CaseRun>& cases) {
  std::fputs(reports::cases_table(cases, isatty(STDOUT_FILENO) == 1).c_str(), stdout);
  fmt::print("\ncases: {}/cases.html\n", directory);
}

// How a scenario is made ready and run: in real time or simulated.
struct World {
  Scenario (*load)(const RunOptions&);
  void (*check)(const Scenario&);                                 // what can be said of it before it is run
  reports::StoredRun (*run)(const RunOptions&, const Scenario&);  // into options.directory, whose outputs are checked
};

base::ExitCode run_alone(RunOptions options, const World& world) {
  const Scenario scenario = world.load(options);
  options.directory = directory_of(options, scenario.name);
  check_outputs(options, scenario);
  world.check(scenario);
  return exit_code(world.run(options, scenario).run);
}

// What is wrong with the last is told before the first. `name`: what it is called then.
void check_case(const RunOptions& options, const ScenarioCase& one, const std::string& name, const std::string& directory,
                const World& world) {
  const RunOptions its_own = options_of(options, one, directory);
  try {
    const Scenario scenario = world.load(its_own);
    check_outputs(its_own, scenario);
    world.check(scenario);
  } catch (const base::InvalidInput& failure) {
    std::vector<base::Problem> problems = failure.problems();
    for (base::Problem& problem : problems) problem.path = name + ": " + problem.path;
    throw base::InvalidInput{failure.file(), problems};
  } catch (const base::RunFailed& failure) {
    throw base::RunFailed{name + ": " + failure.what()};
  }
}

base::ExitCode run_cases(const RunOptions& options, const World& world) {
  const std::string name = load(options).name;
  const std::vector<ScenarioCase> cases = load_checked_cases(options.scenario_file, options.overrides, video_name_flaw);
  if (cases.empty()) return run_alone(options, world);
  const std::string directory = directory_of(options, name);
  for (std::size_t i = 0; i < cases.size(); ++i)
    check_case(options, cases[i], fmt::format("cases[{}] ({})", i, cases[i].name), directory, world);
  std::error_code ignored;
  if (fs::exists(fs::path{directory} / "run.db", ignored))  // a run of one case, which these replace
    for (const char* old : {"run.db", "summary.json", "junit.xml", "report.html", "timeline.ndjson"})
      fs::remove(fs::path{directory} / old, ignored);
  for (const char* old : {"cases.json", "cases.html"}) fs::remove(fs::path{directory} / old, ignored);
  std::vector<reports::CaseRun> done;
  base::ExitCode worst = base::ExitCode::kPassed;
  for (const ScenarioCase& one : cases) {
    fmt::print("{}case {} of {}: {}\n", done.empty() ? "" : "\n", done.size() + 1, cases.size(), one.name);
    std::fflush(stdout);
    const RunOptions its_own = options_of(options, one, directory);
    const reports::StoredRun stored = world.run(its_own, world.load(its_own));
    done.push_back(reports::case_run(one.name, stored));
    reports::write_cases(directory, done);  // for whom the next one is killed
    worst = std::max(worst, exit_code(stored.run));
    if (exit_code(stored.run) == base::ExitCode::kInterrupted) break;
  }
  print_cases(directory, done);
  return worst;
}

// The names of the cases that were run into a directory's folders, of its cases.json; none where there is no such file.
std::vector<std::string> cases_in(const std::string& directory) {
  const std::string file = directory + "/cases.json";
  if (!fs::exists(file)) return {};
  const base::Json document = base::read_json_file(file);
  std::vector<base::Problem> problems;
  base::JsonObject root{document, "", problems};
  std::vector<std::string> names;
  for (base::JsonObject& one : root.objects("cases")) names.push_back(one.required<std::string>("name"));
  base::throw_if_any(file, problems);
  return names;
}

base::ExitCode rebuild_cases(const std::string& directory, const std::vector<std::string>& names) {
  std::vector<reports::CaseRun> cases;
  base::ExitCode worst = base::ExitCode::kPassed;
  for (const std::string& name : names) {
    const reports::StoredRun stored = publish(directory + "/" + name);
    cases.push_back(reports::case_run(name, stored));
    worst = std::max(worst, exit_code(stored.run));
  }
  reports::write_cases(directory, cases);
  print_cases(directory, cases);
  return worst;
}

}  // namespace

base::ExitCode run_scenario(const RunOptions& options) { return run_cases(options, {load, check_real, run_case}); }
base::ExitCode simulate_scenario(const RunOptions& options) { return run_cases(options, {load_scaled, check_virtual, simulate_case}); }

base::ExitCode rebuild_reports(const std::string& directory) {
  const fs::path given{directory};
  if (given.filename() == "run.db") return exit_code(publish(given.has_parent_path() ? given.parent_path().string() : ".").run);
  const std::vector<std::string> cases = fs::exists(given / "run.db") ? std::vector<std::string>{} : cases_in(directory);
  return cases.empty() ? exit_code(publish(directory).run) : rebuild_cases(directory, cases);
}

}  // namespace harness
