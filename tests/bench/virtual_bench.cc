// The virtual world at full speed: whole sessions of 600 s on demand, in segments of 2 s with audio apart, each on a link with a trace,
// through player, driver, browser cache, timeline, link and server models. The viewers of one hall share a clock. And one viewer of a live
// stream for three hours, whose token is renewed every minute.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "base/shared_value.h"
#include "base/text.h"
#include "base/virtual_timeline.h"
#include "harness/run/viewer.h"
#include "harness/scenario/catalogue.h"
#include "harness/transport/browser_cache.h"
#include "harness/transport/reference_model.h"

namespace {

using namespace base::literals;

constexpr base::Duration kLength = 600s;
constexpr base::WallAnchor kOnDemandWall{base::VirtualTimeline::kStart, base::UtcTime{std::chrono::hours{490'000}}};

struct Hall final : harness::ViewerObserver {
  Hall(const std::string& network, harness::ReferenceModel::Options options)
      : link{harness::built_in_catalogue().networks.at(network).link}, server{std::move(options)} {}
  void on_note(base::ViewerId, base::Instant, const harness::Telemetry& what) override {
    requests += std::holds_alternative<harness::RequestDone>(what) ? 1 : 0;
  }
  void on_finish(base::ViewerId, base::Instant, const harness::Finish& how) override {
    ended += how.ending == harness::Ending::kContentEnded;
  }
  void on_lateness(base::Duration) override {}

  const netem::LinkSpec link;
  std::uint64_t requests = 0, ended = 0;
  base::VirtualTimeline timeline;
  harness::ReferenceModel server;
  // Every viewer begins elsewhere in the trace.
  harness::ModelTransport transport{timeline, server, [this](base::ViewerId viewer) {
                                      return harness::ModelLink{link, base::VirtualTimeline::kStart - base::index_of(viewer) * 7s};
                                    }};
  harness::BrowserCache browsers{transport, timeline, kOnDemandWall};
  std::shared_ptr<harness::SharedListings> listings = std::make_shared<harness::SharedListings>();
};

void on_demand(benchmark::State& state, const std::string& name) {
  const base::SharedValue<harness::Device> device = harness::built_in_catalogue().devices.at(name);
  const bool hls = device->protocol == harness::StreamingProtocol::kHls;
  const auto count = static_cast<std::uint32_t>(state.range(0));
  double seconds = 0, requests = 0;
  for (auto _ : state) {
    Hall hall{"mobile-unstable", {.live = false, .vod_duration = kLength, .wall = kOnDemandWall}};
    std::vector<std::unique_ptr<harness::Viewer>> viewers;
    for (std::uint32_t i = 0; i < count; ++i) {
      harness::PlayerConfig config;
      config.device = device;
      config.manifest_url = hls ? "http://model/vod/main/master.m3u8" : "http://model/vod/main/manifest.mpd";
      config.content = harness::ContentKind::kVod;
      config.wall = kOnDemandWall;
      config.listings = hall.listings;
      viewers.push_back(std::make_unique<harness::Viewer>(base::ViewerId{i}, std::move(config), hall.timeline, hall.browsers,
                                                          static_cast<harness::ViewerObserver&>(hall)));
      viewers.back()->begin();
    }
    hall.timeline.run_until(hall.timeline.now() + 2 * kLength);
    if (hall.ended != count) state.SkipWithError("a session did not come to its end");
    for (const auto& viewer : viewers) {
      const harness::PlayerTotals totals = viewer->totals();
      seconds += base::to_seconds(totals.played + totals.stalled + totals.startup_time.value_or(0s));
    }
    requests += static_cast<double>(hall.requests);
  }
  state.counters["session_seconds/s"] = benchmark::Counter(seconds, benchmark::Counter::kIsRate);
  state.counters["requests/session_second"] = requests / seconds;
}
BENCHMARK_CAPTURE(on_demand, tv, std::string{"tv"})->Arg(1)->Arg(100)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(on_demand, desktop_hlsjs, std::string{"desktop-hlsjs"})->Arg(1)->Arg(100)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(on_demand, desktop_dashjs, std::string{"desktop-dashjs"})->Arg(1)->Arg(100)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(on_demand, desktop_shaka, std::string{"desktop-shaka"})->Arg(1)->Arg(100)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(on_demand, android, std::string{"android"})->Arg(1)->Arg(100)->Unit(benchmark::kMillisecond);

constexpr base::Duration kEvent = 3h;
constexpr base::Duration kTokenLifetime = 75s;  // players renew theirs after 0.8 of it: every 60 s

// Of `state.range(0)` seconds a segment.
void three_hours_with_tokens(benchmark::State& state, const std::string& name) {
  const base::SharedValue<harness::Device> device = harness::built_in_catalogue().devices.at(name);
  const base::Duration segment = std::chrono::seconds{state.range(0)};
  const base::WallAnchor wall{base::VirtualTimeline::kStart - 5 * segment, kOnDemandWall.utc};
  const bool hls = device->protocol == harness::StreamingProtocol::kHls;
  double requests = 0;
  std::uint32_t renewed = 0;
  for (auto _ : state) {
    Hall hall{"fibre", {.segment_duration = segment, .token_lifetime = kTokenLifetime, .wall = wall}};
    harness::PlayerConfig config;
    config.device = device;
    config.manifest_url = hls ? "http://model/live/main/master.m3u8" : "http://model/live/main/manifest.mpd";
    config.token = harness::TokenSource{.token_url = "http://control.model/v1/tokens",
                                        .refresh_url = "http://control.model/v1/tokens/refresh",
                                        .stream = "main",
                                        .subject = "viewer",
                                        .group = "bench"};
    config.wall = wall;
    config.listings = hall.listings;
    harness::Viewer viewer{base::ViewerId{0}, std::move(config), hall.timeline, hall.browsers, static_cast<harness::ViewerObserver&>(hall)};
    viewer.begin();
    hall.timeline.run_until(hall.timeline.now() + kEvent);
    const harness::PlayerTotals totals = viewer.totals();
    renewed = totals.token_refreshes;
    if (viewer.finished() || totals.played < kEvent - 1min || renewed != kEvent / 1min - 1)
      state.SkipWithError(fmt::format("played {}, renewed {} times", base::to_text(totals.played), renewed).c_str());
    requests += static_cast<double>(hall.requests);
    viewer.stop();
  }
  state.counters["session_seconds/s"] =
      benchmark::Counter(base::to_seconds(kEvent) * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  state.counters["renewals"] = renewed;
  state.counters["requests/session_second"] = requests / base::to_seconds(kEvent) / static_cast<double>(state.iterations());
}
BENCHMARK_CAPTURE(three_hours_with_tokens, tv, std::string{"tv"})->Arg(2)->Arg(6)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(three_hours_with_tokens, desktop_hlsjs, std::string{"desktop-hlsjs"})->Arg(2)->Arg(6)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(three_hours_with_tokens, desktop_dashjs, std::string{"desktop-dashjs"})->Arg(2)->Arg(6)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(three_hours_with_tokens, desktop_shaka, std::string{"desktop-shaka"})->Arg(2)->Arg(6)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(three_hours_with_tokens, android, std::string{"android"})->Arg(2)->Arg(6)->Unit(benchmark::kMillisecond);

}  // namespace
