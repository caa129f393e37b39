#include "harness/app/calibrate.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "base/process_usage.h"
#include "base/steady_timeline.h"
#include "base/text.h"
#include "harness/calibrate/calibration.h"
#include "harness/run/progress_line.h"
#include "harness/scenario/model_file.h"
#include "harness/transport/curl_transport.h"
#include "media/url.h"

namespace harness {
namespace {

using namespace base::literals;

constexpr base::Duration kSilence = 2s;  // until progress is shown
constexpr int kMostAtOnce = 10'000;

CalibrationPlan plan_of(const CalibrateArguments& arguments) {
  std::vector<base::Problem> problems;
  CalibrationPlan plan{.url = arguments.target, .most_at_once = arguments.connections};
  if (const auto url = media::parse_url(arguments.target); !url.has_value())
    problems.push_back({"TARGET", fmt::format("\"{}\" is no http or https URL; give that of a playlist or manifest", arguments.target)});
  if (arguments.connections < 1 || arguments.connections > kMostAtOnce)
    problems.push_back({"--connections", fmt::format("must be between 1 and {}, got {}", kMostAtOnce, arguments.connections)});
  const auto step = base::parse_duration(arguments.step);
  if (!step.has_value())
    problems.push_back({"--step", step.error().message});
  else if (*step < 100ms || *step > 60s)
    problems.push_back({"--step", fmt::format("must be between 100ms and 1m, got {}", base::to_text(*step))});
  else
    plan.step = *step;
  base::throw_if_any("command line", problems);
  return plan;
}

// Written beside its place and moved there, so that an older file is whole until then.
class ModelFile {
 public:
  explicit ModelFile(const std::string& file) : file_{file}, out_{file + ".part"} {
    if (!out_) throw base::RunFailed(fmt::format("write {}: it cannot be created; give a writable place with --out", file));
  }
  ~ModelFile() {
    std::error_code ignored;
    std::filesystem::remove(file_ + ".part", ignored);
  }
  void write(const ServerModel& model) {
    out_ << server_model_json(model).dump(2) << '\n';
    out_.close();
    std::error_code failure;
    if (out_) std::filesystem::rename(file_ + ".part", file_, failure);
    if (!out_) throw base::RunFailed(fmt::format("write {}: failed; is the disk full?", file_));
    if (failure) throw base::RunFailed(fmt::format("write {}: {}", file_, failure.message()));
  }

 private:
  std::string file_;
  std::ofstream out_;
};

// The smallest round trip that the kernel saw on any connection.
class RoundTrips {
 public:
  CurlSocketHooks hooks() {
    return {.open = {}, .closing = [this](base::ViewerId, const ConnectionFacts& facts) {
              const base::Duration seen = facts.min_rtt > 0s ? facts.min_rtt : facts.handshake.value_or(facts.rtt);
              if (seen > 0s) least_ = std::min(least_.value_or(seen), seen);
            }};
  }
  std::optional<base::Duration> least() const { return least_; }

 private:
  std::optional<base::Duration> least_;
};

}  // namespace

CLI::App* add_calibrate(CLI::App& app, CalibrateArguments& arguments) {
  CLI::App* verb = app.add_subcommand("calibrate", "measure a server and write the model that `simulate` plays");
  verb->add_option("TARGET", arguments.target, "URL of an HLS playlist or a DASH manifest")->required();
  verb->add_option("--out", arguments.out, "the model file to write")->capture_default_str();
  verb->add_option("--connections", arguments.connections, "requests at once, at most")->capture_default_str();
  verb->add_option("--step", arguments.step, "how long each load lasts")->capture_default_str();
  verb->add_flag("-q,--quiet", arguments.quiet, "no progress line");
  return verb;
}

base::ExitCode run_calibrate(const CalibrateArguments& arguments) {
  CalibrationPlan plan = plan_of(arguments);
  if (std::error_code ignored; std::filesystem::is_directory(arguments.out, ignored))
    throw base::InvalidInput("command line", {{"--out", fmt::format("{} is a directory; name a file", arguments.out)}});
  ModelFile file{arguments.out};
  boost::asio::io_context io{1};
  base::SteadyTimeline timeline{io};
  RoundTrips round_trips;
  CurlTransport transport{io, timeline, {.source_address = {}, .sockets = round_trips.hooks()}};
  ProgressLine progress{arguments.quiet ? ProgressLine::Mode::kQuiet : ProgressLine::Mode::kAuto};
  const base::Instant began = timeline.now();
  Calibration calibration{timeline,
                          transport,
                          std::move(plan),
                          {.utc = base::utc_now,
                           .round_trip = [&] { return round_trips.least(); },
                           .cpu_time = base::process_cpu_time,
                           .progress =
                               [&](const std::string& what) {
                                 if (timeline.now() - began >= kSilence) progress.show("calibrate", what);
                               }}};
  bool interrupted = false;
  boost::asio::signal_set signals{io, SIGINT, SIGTERM};
  signals.async_wait([&](const boost::system::error_code& error, int) { interrupted = !error; });
  calibration.begin();
  while (!calibration.done() && !interrupted) io.run_one();
  const ServerModel model = calibration.model();
  const std::string& failure = calibration.failure();
  if (!failure.empty() && model.figures.empty()) throw base::RunFailed("calibrate " + failure);
  if (interrupted && model.figures.empty())
    throw base::Interrupted(fmt::format("calibrate: interrupted before anything was measured; {} is as it was", arguments.out));
  file.write(model);
  progress.say(fmt::format("wrote {}{}", arguments.out, interrupted ? ", with what was measured before the interruption" : ""));
  std::fputs(calibration.table().c_str(), stdout);
  if (!failure.empty()) throw base::RunFailed(fmt::format("calibrate {}; what was measured before is in {}", failure, arguments.out));
  return interrupted ? base::ExitCode::kInterrupted : base::ExitCode::kPassed;
}

}  // namespace harness
