// What a simulated audience takes of memory: of viewers who are planned, who play, and who have gone. Those of premiere-1m.json, in one
// hall (at a million there are 3,900 in each); the difference between two audiences, so that what servers and hall share falls out.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <string>

#include "harness/run/crowd.h"
#include "harness/run/virtual_stage.h"
#include "harness/scenario/load.h"

namespace {

using namespace base::literals;

// Targets: a million viewers, all there, in 4 GiB. Malloc's own overhead included.
constexpr double kMostPlaying = 4096, kMostIdle = 1024;

struct Heap {
  double planned = 0, playing = 0, gone = 0;  // bytes; playing: at most, once all have come
};

double heap() {
  const auto all = mallinfo2();
  return static_cast<double>(all.uordblks + all.hblkhd);
}

Heap heap_of(std::size_t viewers) {
  const harness::Scenario scenario =
      harness::load_scenario(REHEARSAL_SOURCE_DIR "/scenarios/premiere-1m.json", {{"audience.sessions", std::to_string(viewers)},
                                                                                  {"audience.arrivals.over", "20s"},
                                                                                  {"gates", "{}"},
                                                                                  {"virtual.representatives.of", "1"}});
  harness::Scenario without_halls = scenario;  // so that all sit in the stage's own
  without_halls.sessions = 0;
  harness::VirtualStage stage{without_halls, 1};
  const double before = heap();
  const std::vector<harness::SessionPlan> plans = harness::plan_audience(scenario);
  harness::Crowd crowd{scenario, stage, stage, plans, {.rows_every = viewers}};
  Heap out{.planned = heap() - before};
  crowd.open(stage.timeline().now());
  for (int second = 0; second < 90; ++second) {
    stage.run_until([] { return false; }, stage.timeline().now() + 1s);
    crowd.settle();
    crowd.take_news();
    if (second >= 30) out.playing = std::max(out.playing, heap() - before);
  }
  crowd.stop();
  crowd.take_news();
  out.gone = heap() - before;
  return out;
}

void audience_memory(benchmark::State& state) {
  constexpr std::size_t kFew = 1000, kMany = 3000;
  Heap few, many;
  for (auto _ : state) few = heap_of(kFew), many = heap_of(kMany);
  const auto each = [&](double Heap::*what) { return (many.*what - few.*what) / (kMany - kFew); };
  const double planned = each(&Heap::planned), playing = each(&Heap::playing), gone = each(&Heap::gone);
  state.counters["bytes/planned"] = planned;
  state.counters["bytes/playing"] = playing;
  state.counters["bytes/gone"] = gone;
  const bool met = playing <= kMostPlaying && std::max(planned, gone) <= kMostIdle;
  state.SetLabel(fmt::format("{} {} and {} bytes", met ? "within" : "MISSES", kMostPlaying, kMostIdle));
}
BENCHMARK(audience_memory)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
