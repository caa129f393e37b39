// ModelTransport alone: requests in virtual time, one at a time, four sharing a link, and those of many viewers with pauses between
// them. FluidLink alone: one transfer after the other over one connection, each after a pause, which makes it begin anew.
#include <benchmark/benchmark.h>

#include "base/virtual_timeline.h"
#include "harness/transport/fluid_link.h"
#include "harness/transport/model_transport.h"

namespace {

using namespace base::literals;

struct MediaServer final : harness::ModelServer {
  harness::ModelReply reply(base::Instant, const harness::TransportRequest&) override { return {.bytes = 250'000_B, .think = 2ms}; }
};

struct Counter final : harness::TransferReceiver {
  void on_progress(harness::TransferId, const harness::TransferProgress&) override {}
  void on_outcome(harness::TransferId, harness::TransportOutcome&&) override { ++count; }
  std::uint64_t count = 0;
};

void model_transport(benchmark::State& state) {
  base::VirtualTimeline timeline;
  MediaServer server;
  harness::ModelTransport transport{timeline, server, [](base::ViewerId) { return harness::ModelLink{20_Mbps, 5_Mbps, 20ms}; }};
  Counter counter;
  std::uint64_t wanted = 0;
  for (auto _ : state) {
    for (std::int64_t i = 0; i < state.range(0); ++i, ++wanted)
      transport.start({.url = "http://model/live/main/video-720p/1.m4s", .timeout = 10s}, counter);
    timeline.run_until([&] { return counter.count == wanted; }, timeline.now() + 10s);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(counter.count));
}
BENCHMARK(model_transport)->Arg(1)->Arg(4);

// A segment for each viewer, then two seconds' pause.
void model_transport_viewers(benchmark::State& state) {
  base::VirtualTimeline timeline;
  MediaServer server;
  harness::ModelTransport transport{timeline, server, [](base::ViewerId) { return harness::ModelLink{20_Mbps, 5_Mbps, 20ms}; }};
  Counter counter;
  for (auto _ : state) {
    for (std::uint32_t viewer = 0; viewer < state.range(0); ++viewer)
      transport.start({.viewer = base::ViewerId{viewer}, .url = "http://model/live/main/video-720p/1.m4s", .timeout = 10s}, counter);
    timeline.run_until(timeline.now() + 2s);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(counter.count));
}
BENCHMARK(model_transport_viewers)->Arg(1'000)->Arg(100'000);

// Rate in Mbit/s, loss in percent.
void fluid_link(benchmark::State& state) {
  netem::ImpairmentSpec spec{.rate = base::Bitrate::bits_per_second(state.range(0) * 1'000'000), .delay = 10ms};
  spec.loss = netem::RandomLoss{static_cast<double>(state.range(1)) / 100};
  harness::FluidLink::Stock stock;
  harness::FluidLink link{spec, base::VirtualTimeline::kStart, base::Random{1}, {}, stock};
  harness::FluidTcp tcp;
  base::Instant now = base::VirtualTimeline::kStart;
  for (auto _ : state) {
    tcp.resume(2s, 250ms, 10);
    link.add(now, now, {.key = 1, .payload = 250'000_B, .up_delay = 10ms, .tcp = tcp});
    while (!link.is_complete(now, 1)) now = *link.next_completion();
    tcp = link.remove(now, 1).tcp;
    now += 2s;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(fluid_link)->Args({5, 0})->Args({20, 0})->Args({50, 0})->Args({20, 1});

}  // namespace
