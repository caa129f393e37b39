// The virtual world at full speed: whole sessions of 600 s on demand, in segments of 2 s with audio apart, each on a link with a trace,
// through player, driver, browser cache, timeline, link and server models. The viewers of one hall share a clock.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "base/shared_value.h"
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
  void on_note(base::ViewerId, base::Instant, const harness::Telemetry& what) override {
    requests += std::holds_alternative<harness::RequestDone>(what) ? 1 : 0;
  }
  void on_finish(base::ViewerId, base::Instant, const harness::Finish& how) override {
    ended += how.ending == harness::Ending::kContentEnded;
  }
  void on_lateness(base::Duration) override {}

  const netem::LinkSpec link = harness::built_in_catalogue().networks.at("mobile-unstable").link;
  std::uint64_t requests = 0, ended = 0;
  base::VirtualTimeline timeline;
  harness::ReferenceModel server{{.live = false, .vod_duration = kLength, .wall = kOnDemandWall}};
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
    Hall hall;
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

}  // namespace
