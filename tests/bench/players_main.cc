// Paced players as `rehearse run` drives them: PlayerSession, its driver, the browser's cache and CurlTransport on one loop. Each
// watches the VOD and loads one segment per segment duration once its buffer is full. ci/bench-players compares it with bare_fetch.
#include <fmt/format.h>
#include <sys/prctl.h>

#include <boost/asio/io_context.hpp>
#include <cmath>
#include <memory>
#include <vector>

#include "base/errors.h"
#include "base/process_usage.h"
#include "base/steady_timeline.h"
#include "harness/run/viewer.h"
#include "harness/scenario/catalogue.h"
#include "harness/scenario/names.h"
#include "harness/transport/browser_cache.h"
#include "harness/transport/curl_transport.h"
#include "tests/bench/measure.h"

namespace {

using namespace std::chrono_literals;
using base::Instant;

harness::Device parameterised() {
  harness::Device device;
  device.name = "parameterised";
  device.engine = harness::EngineKind::kCustom;
  device.buffer_target = 4s;
  device.start_buffer = 2s;
  device.resume_buffer = 2s;
  device.initial_estimate = base::Bitrate::bits_per_second(5'000'000);
  return device;
}

// By the catalogue's name, or the first of an engine.
harness::Device device_of(const std::string& name) {
  if (name.empty()) return parameterised();
  for (const auto& [ours, device] : harness::built_in_catalogue().devices)
    if (harness::to_text(device.engine) == name) return device;
  return harness::built_in_device("--device", name);
}

class Players final : private harness::ViewerObserver {
 public:
  explicit Players(const bench::Options& options) : options_{options} {
    figures_.players = options.players;
    resident_before_ = base::resident_bytes();
    const Instant began = timeline_.refresh();
    for (std::uint32_t i = 0; i < options.players; ++i)
      arrivals_.push_back(timeline_.call_at(began + arrival(i), [this, i] { arrive(i); }));
    const base::Timer start_measuring = timeline_.call_at(began + options.warmup, [this] { measure(); });
    const base::Timer end = timeline_.call_at(began + options.warmup + options.duration, [this] { finish(); });
    io_.run();
  }
  void print() const { bench::print_figures(figures_, lateness_); }

 private:
  // Evenly over the time for arrivals, and each at a phase of the period that is its own, as in the bare fetch: players in step share
  // turns of the loop, and a turn that serves many is cheaper than turns that serve one.
  base::Duration arrival(std::uint32_t index) const {
    constexpr double kGoldenRatio = 0.6180339887498949;  // its multiples modulo 1 lie as evenly as can be
    const double phase = std::fmod(index * kGoldenRatio, 1.0) * base::to_seconds(options_.period);
    const base::Duration even = options_.arrivals * index / options_.players;
    return even - even % options_.period + base::from_seconds(phase);
  }
  void arrive(std::uint32_t index) {
    harness::PlayerConfig config;
    config.device = device_;
    config.manifest_url = options_.url + (device_->protocol == harness::StreamingProtocol::kDash ? "/manifest.mpd" : "/master.m3u8");
    config.content = harness::ContentKind::kVod;
    config.wall = {timeline_.now(), base::utc_now()};
    config.listings = listings_;
    viewers_.push_back(std::make_unique<harness::Viewer>(base::ViewerId{index}, std::move(config), timeline_, browsers_,
                                                         static_cast<harness::ViewerObserver&>(*this)));
    viewers_.back()->begin();
  }

  void measure() {
    measuring_ = true;
    cpu_before_ = base::process_cpu_time();
    measured_from_ = base::steady_now();
  }

  void finish() {
    figures_.cpu = base::process_cpu_time() - cpu_before_;
    figures_.wall = base::steady_now() - measured_from_;
    figures_.resident_growth = base::resident_bytes() - resident_before_;
    io_.stop();
  }

  void on_note(base::ViewerId, Instant, const harness::Telemetry& what) override {
    const auto* request = std::get_if<harness::RequestDone>(&what);
    if (request == nullptr || harness::is_from_cache(*request)) return;
    if (harness::has_failed(*request)) ++figures_.failures;
    if (!measuring_) return;
    ++figures_.requests;
    figures_.bytes += static_cast<std::uint64_t>(request->bytes.count());
  }
  void on_finish(base::ViewerId, Instant, const harness::Finish&) override { ++figures_.failures; }  // the VOD outlasts the bench
  void on_lateness(base::Duration late) override {
    if (measuring_) lateness_.add(base::to_seconds(late));
  }

  bench::Options options_;
  base::SharedValue<harness::Device> device_{device_of(options_.device)};
  boost::asio::io_context io_{1};
  base::SteadyTimeline timeline_{io_};
  harness::CurlTransport transport_{
      io_, timeline_, {.source_address = [](base::ViewerId id) { return bench::loopback_address(index_of(id)); }}};
  std::shared_ptr<harness::SharedListings> listings_ = std::make_shared<harness::SharedListings>();
  harness::BrowserCache browsers_{transport_, timeline_, timeline_.wall_anchor()};
  std::vector<std::unique_ptr<harness::Viewer>> viewers_;
  std::vector<base::Timer> arrivals_;
  bool measuring_ = false;
  Instant measured_from_{};
  base::Duration cpu_before_{};
  std::int64_t resident_before_ = 0;
  bench::Figures figures_;
  base::Histogram lateness_;
};

}  // namespace

int main(int argc, char** argv) try {
  const bench::Options options = bench::parse_options(argc, argv);
  prctl(PR_SET_TIMERSLACK, 1000UL);
  const auto players = std::make_unique<Players>(options);
  players->print();
  return 0;
} catch (const base::InvalidInput& wrong) {
  fmt::print(stderr, "{}\n", wrong.what());
  return static_cast<int>(base::ExitCode::kInvalidInput);
}
