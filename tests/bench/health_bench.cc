// What the health of a source costs: for each picture, each block of sound, each payload of transport stream.
#include <benchmark/benchmark.h>

#include <array>
#include <memory>

#include "server/ingest/health/meters_for_test.h"
#include "server/ingest/health/source_health.h"

namespace {

using namespace std::chrono_literals;

void source_health_picture(benchmark::State& state) {
  const int height = static_cast<int>(state.range(0)), width = height * 16 / 9;
  std::array<server::Picture, 8> pictures;  // more than the cache holds, as when they come from a decoder
  for (std::size_t i = 0; i < pictures.size(); ++i) pictures[i] = server::make_picture(width, height, server::scene(i));
  base::Instant now{1h};
  server::SourceHealth health{{}, now};
  std::size_t next = 0;
  base::Duration timestamp{};
  for (auto _ : state) {
    health.on_video({.picture = pictures[next], .timestamp = timestamp, .arrived = now});
    health.tick(now);
    next = (next + 1) % pictures.size();
    now += 40ms;
    timestamp += 40ms;
  }
  benchmark::DoNotOptimize(health.is_healthy());
}
BENCHMARK(source_health_picture)->Arg(720)->Arg(1080);

void source_health_sound(benchmark::State& state) {
  server::AudioBlock block = server::make_sound(0.2);
  base::Instant now{1h};
  server::SourceHealth health{{}, now};
  for (auto _ : state) {
    block.arrived = now += 21'333us;
    block.timestamp += 21'333us;
    health.on_audio(block);
  }
  benchmark::DoNotOptimize(health.is_healthy());
}
BENCHMARK(source_health_sound);

void source_health_transport_stream(benchmark::State& state) {
  std::vector<std::uint8_t> bytes;  // 16 payloads of SRT, 112 packets: the counters go on from the last to the first
  for (int i = 0; i < 112; ++i) {
    const std::vector<std::uint8_t> packet = server::ts_packet({.counter = i, .fill = static_cast<std::uint8_t>(i)});
    bytes.insert(bytes.end(), packet.begin(), packet.end());
  }
  constexpr std::size_t kPayload = 1316;
  base::Instant now{1h};
  server::SourceHealth health{{}, now};
  std::size_t at = 0;
  for (auto _ : state) {
    health.on_transport_stream(now += 2ms, std::span{bytes}.subspan(at, kPayload));
    at = (at + kPayload) % bytes.size();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kPayload));
}
BENCHMARK(source_health_transport_stream);

}  // namespace
