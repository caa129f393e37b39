// A player through a steady live minute: the session alone on a recorded script of events, and everything a virtual viewer costs
// (session, driver, timeline, link and server model). For each device of the catalogue: what one event costs, and the memory that a
// playing session holds beside what sessions share, live and on demand.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/steady_timeline.h"
#include "base/virtual_timeline.h"
#include "harness/run/viewer.h"
#include "harness/scenario/catalogue.h"
#include "harness/transport/reference_model.h"

namespace {

using namespace base::literals;

constexpr base::Duration kMinute = 60s;
constexpr base::Duration kOnDemand = 10min;
constexpr base::WallAnchor kWall{base::VirtualTimeline::kStart - 10s, base::UtcTime{std::chrono::hours{490'000}}};

harness::Device device_of(harness::StreamingProtocol protocol) {
  harness::Device device;
  device.name = "bench";
  device.engine = harness::EngineKind::kCustom;
  device.protocol = protocol;
  device.buffer_target = 12s;
  device.start_buffer = 2s;
  device.resume_buffer = 2s;
  device.initial_estimate = 2_Mbps;
  return device;
}

// Sessions that were told the same share what they made of it, as in a run.
const std::shared_ptr<harness::SharedListings> kListings = std::make_shared<harness::SharedListings>();

harness::PlayerConfig config_of(const base::SharedValue<harness::Device>& device, harness::ContentKind content) {
  harness::PlayerConfig config;
  const bool hls = device->protocol == harness::StreamingProtocol::kHls;
  const bool live = content == harness::ContentKind::kLive;
  config.device = device;
  config.manifest_url = fmt::format("http://model/{}/main/{}", live ? "live" : "vod", hls ? "master.m3u8" : "manifest.mpd");
  config.content = content;
  config.wall = kWall;
  config.listings = kListings;
  return config;
}

// A virtual world with the reference server's model behind fixed links.
struct World final : harness::ViewerObserver {
  explicit World(harness::ContentKind content)
      : server{{.live = content == harness::ContentKind::kLive, .vod_duration = kOnDemand, .wall = kWall}} {}

  void on_note(base::ViewerId, base::Instant, const harness::Telemetry& what) override {
    if (const auto* request = std::get_if<harness::RequestDone>(&what)) ++requests, failures += request->status != 200;
  }
  void on_finish(base::ViewerId, base::Instant, const harness::Finish&) override { ++failures; }
  void on_lateness(base::Duration) override {}

  std::uint64_t requests = 0;
  std::uint64_t failures = 0;
  base::VirtualTimeline timeline;
  harness::ReferenceModel server;
  harness::ModelTransport transport{timeline, server, [](base::ViewerId) { return harness::ModelLink{20_Mbps, 5_Mbps, 20ms}; }};
};

// Drives one session and writes down what it is told.
class Script final : private harness::TransferReceiver {
 public:
  struct Entry {
    base::Instant at;
    harness::Event event;
  };
  Script(const base::SharedValue<harness::Device>& device, harness::ContentKind content)
      : world_{content}, session_{config_of(device, content)} {
    tell(harness::Begin{});
    world_.timeline.run_until(world_.timeline.now() + kMinute);
  }
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  void tell(harness::Event event) {
    const base::Instant now = world_.timeline.now();
    entries_.push_back({now, event});
    for (const harness::Command& command : session_.on(now, event)) {
      if (const auto* fetch = std::get_if<harness::Fetch>(&command)) apply(*fetch);
      if (const auto* wake = std::get_if<harness::WakeAt>(&command))
        alarm_ = world_.timeline.call_at(wake->when, [this] { tell(harness::Woken{}); });
      if (const auto* abort = std::get_if<harness::Abort>(&command))
        world_.transport.cancel(transfers_[static_cast<std::size_t>(abort->id)]);
    }
  }
  void apply(const harness::Fetch& fetch) {
    const auto index = static_cast<std::size_t>(fetch.id);
    if (transfers_.size() <= index) transfers_.resize(index + 1);
    transfers_[index] = world_.transport.start({.method = fetch.method,
                                                .url = fetch.url,
                                                .headers = fetch.headers,
                                                .body = fetch.body,
                                                .timeout = fetch.timeout,
                                                .keep_body = fetch.keep_body,
                                                .progress_every = fetch.progress_every},
                                               *this);
  }
  harness::RequestId request_of(harness::TransferId id) const {
    return harness::RequestId{static_cast<std::uint32_t>(std::find(transfers_.begin(), transfers_.end(), id) - transfers_.begin())};
  }
  void on_progress(harness::TransferId id, const harness::TransferProgress& now) override {
    tell(harness::Progress{request_of(id), now.received, now.expected, now.ttfb});
  }
  void on_outcome(harness::TransferId id, harness::TransportOutcome&& o) override {
    tell(harness::Answered{request_of(id), o.status, std::move(o.body), o.bytes, o.ttfb, o.took, o.retry_after, std::move(o.url), o.date});
  }

  World world_;
  harness::PlayerSession session_;
  base::Timer alarm_;
  std::vector<harness::TransferId> transfers_;
  std::vector<Entry> entries_;
};

void player_session(benchmark::State& state, harness::StreamingProtocol protocol) {
  const Script script{device_of(protocol), harness::ContentKind::kLive};
  for (auto _ : state) {
    harness::PlayerSession session{config_of(device_of(protocol), harness::ContentKind::kLive)};
    for (const Script::Entry& entry : script.entries()) benchmark::DoNotOptimize(session.on(entry.at, entry.event));
    const harness::PlayerTotals totals = session.totals(script.entries().back().at);
    if (!totals.startup_time || totals.played < kMinute / 2) state.SkipWithError("the player did not play");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(script.entries().size()));
  state.counters["events/minute"] = static_cast<double>(script.entries().size());
}
BENCHMARK_CAPTURE(player_session, hls, harness::StreamingProtocol::kHls)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(player_session, dash, harness::StreamingProtocol::kDash)->Unit(benchmark::kMicrosecond);

constexpr int kDeviceSessions = 200;
// Targets for every device: the heap that a session holds at the end of the minute beside what sessions share (their listings), malloc's
// own overhead included; and the median cost of an event, listings among them.
constexpr double kMostBytes = 2048;
constexpr double kMostNanoseconds = 1000;

void device_events(benchmark::State& state, const std::string& name, harness::ContentKind content) {
  const base::SharedValue<harness::Device> device = harness::built_in_catalogue().devices.at(name);
  const Script script{device, content};
  std::vector<double> nanoseconds;
  nanoseconds.reserve(script.entries().size() * kDeviceSessions);
  std::vector<harness::PlayerSession> sessions;
  sessions.reserve(kDeviceSessions);
  const std::size_t before = mallinfo2().uordblks;
  for (auto _ : state) {
    harness::PlayerSession session{config_of(device, content)};
    for (const Script::Entry& entry : script.entries()) {
      const base::Instant began = base::steady_now();
      benchmark::DoNotOptimize(session.on(entry.at, entry.event));
      nanoseconds.push_back(1e6 * base::to_milliseconds(base::steady_now() - began));
    }
    if (!session.totals(script.entries().back().at).startup_time) state.SkipWithError("the player did not play");
    sessions.push_back(std::move(session));
  }
  const std::size_t held = mallinfo2().uordblks - before;
  std::sort(nanoseconds.begin(), nanoseconds.end());
  const double median = nanoseconds[nanoseconds.size() / 2];
  const double bytes = static_cast<double>(held) / static_cast<double>(sessions.size());
  state.counters["event_p50_ns"] = median;
  state.counters["event_p99_ns"] = nanoseconds[nanoseconds.size() * 99 / 100];
  state.counters["bytes/session"] = bytes;
  state.counters["events/minute"] = static_cast<double>(script.entries().size());
  const bool met = bytes <= kMostBytes && median < kMostNanoseconds;
  state.SetLabel(std::string{met ? "within" : "MISSES"} + " 2048 bytes, 1 us");
}
#define DEVICE_EVENTS(name, device)                                                      \
  BENCHMARK_CAPTURE(device_events, name##_live, device, harness::ContentKind::kLive)     \
      ->Iterations(kDeviceSessions)                                                      \
      ->Unit(benchmark::kMicrosecond);                                                   \
  BENCHMARK_CAPTURE(device_events, name##_on_demand, device, harness::ContentKind::kVod) \
      ->Iterations(kDeviceSessions)                                                      \
      ->Unit(benchmark::kMicrosecond)
DEVICE_EVENTS(desktop_hlsjs, "desktop-hlsjs");
DEVICE_EVENTS(desktop_dashjs, "desktop-dashjs");
DEVICE_EVENTS(desktop_shaka, "desktop-shaka");
DEVICE_EVENTS(android, "android");
DEVICE_EVENTS(ios, "ios");
DEVICE_EVENTS(tv, "tv");
DEVICE_EVENTS(tv_native, "tv-native");
#undef DEVICE_EVENTS

void virtual_viewers(benchmark::State& state, harness::StreamingProtocol protocol) {
  const auto count = static_cast<std::uint32_t>(state.range(0));
  for (auto _ : state) {
    World world{harness::ContentKind::kLive};
    std::vector<std::unique_ptr<harness::Viewer>> viewers;
    for (std::uint32_t i = 0; i < count; ++i) {
      viewers.push_back(std::make_unique<harness::Viewer>(base::ViewerId{i}, config_of(device_of(protocol), harness::ContentKind::kLive),
                                                          world.timeline, world.transport, static_cast<harness::ViewerObserver&>(world)));
      viewers.back()->begin();
    }
    world.timeline.run_until(world.timeline.now() + kMinute);
    if (world.requests == 0 || world.failures > 0) state.SkipWithError("requests failed");
  }
  state.counters["session_seconds/s"] =
      benchmark::Counter(static_cast<double>(count) * base::to_seconds(kMinute), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK_CAPTURE(virtual_viewers, hls, harness::StreamingProtocol::kHls)->Arg(1000)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(virtual_viewers, dash, harness::StreamingProtocol::kDash)->Arg(1000)->Unit(benchmark::kMillisecond);

}  // namespace
