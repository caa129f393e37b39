// The delivery of the virtual world: what one request costs at an edge that has the object, alone and as the transport asks for it.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "harness/delivery/cache_server.h"
#include "harness/delivery/edge_tier.h"

namespace {

using namespace base::literals;

struct Content final : harness::ModelServer {
  harness::ModelReply reply(base::Instant, const harness::TransportRequest&) override {
    return {.bytes = 250'000_B, .caching = {.max_age = 8760h}};
  }
};

struct Source final : harness::Upstream {
  harness::Delivery fetch(base::Instant, const harness::Ask&) override {
    return {
        std::make_shared<const harness::ModelReply>(harness::ModelReply{.bytes = 250'000_B, .caching = {.max_age = 8760h}}), 2ms, {}, {}};
  }
};

std::vector<std::string> segments(std::size_t count) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(fmt::format("http://model/live/main/video-720p/{}.m4s", i));
  return out;
}

// Looking into the cache, both queues and the meter.
void edge_hit(benchmark::State& state) {
  Source source;
  harness::ObjectIds objects;
  const std::vector<std::string> urls = segments(static_cast<std::size_t>(state.range(0)));
  std::vector<harness::ObjectId> ids;
  for (const std::string& url : urls) ids.push_back(objects.id_of(harness::path_of_url(url)));
  harness::CacheServer edge{
      {.egress = base::Bitrate::bits_per_second(1'000'000'000'000'000), .requests_per_s = 1e9}, source, objects, {2s}};
  const harness::TransportRequest request{.url = urls.front(), .timeout = 10s};
  base::Instant now{};
  std::size_t i = 0;
  for (auto _ : state) {
    now += 1us;
    benchmark::DoNotOptimize(edge.fetch(now, {ids[i], request}));
    if (++i == ids.size()) i = 0;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(edge_hit)->Arg(32)->Arg(1024);

// The whole of it: the viewer's place, the object's number, the hit, and a reply of its own. `viewers` take turns.
void edge_tier_hit(benchmark::State& state) {
  Content content;
  harness::VirtualWorld world;
  world.edges["eu"] = {.count = 4};
  harness::EdgeTier tier{content, world, {.edge_host = "http://model", .region_of = [](base::ViewerId) { return "eu"; }}};
  const std::vector<std::string> urls = segments(32);
  harness::TransportRequest request{.timeout = 10s};
  base::Instant now{};
  std::uint32_t viewer = 0;
  std::size_t i = 0;
  for (auto _ : state) {
    now += 1us;
    request.viewer = base::ViewerId{viewer};
    request.url = urls[i];
    benchmark::DoNotOptimize(tier.reply(now, request));
    if (++viewer == static_cast<std::uint32_t>(state.range(0))) viewer = 0;
    if (++i == urls.size()) i = 0;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(edge_tier_hit)->Arg(1000)->Arg(1'000'000);

}  // namespace
