// ModelTransport alone: requests in virtual time, one at a time and four sharing a link.
#include <benchmark/benchmark.h>

#include "base/virtual_timeline.h"
#include "harness/transport/model_transport.h"

namespace {

using namespace base::literals;

struct MediaServer final : harness::ModelServer {
  harness::ModelReply reply(base::Instant, const harness::TransportRequest&) override { return {.bytes = 250'000_B, .think = 2ms}; }
};

struct Counter final : harness::TransferReceiver {
  void on_progress(harness::TransferId, const harness::TransferProgress&) override {}
  void on_outcome(harness::TransferId, harness::TransportOutcome) override { ++count; }
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

}  // namespace
