// Sabre's rules in Sabre's model, on one core: sessions over a trace of tests/data/abr that was read before.
// session_seconds is how many seconds of sessions (what a viewer sits through) one second simulates.
#include <benchmark/benchmark.h>

#include "harness/abr/session.h"

namespace {

using namespace harness;

const std::string kAbrFolder = std::string{REHEARSAL_SOURCE_DIR} + "/tests/data/abr/";

void play_rule(benchmark::State& state, const std::string& rule, const std::string& trace_name, bool abandonment) {
  const abr::Movie movie = abr::read_movie_file(kAbrFolder + "movie.json");
  const abr::Trace trace = abr::read_trace_file(kAbrFolder + "traces/" + trace_name + ".json", movie);
  const abr::SessionOptions options{.rule = abr::rule_named(rule).value(), .abandonment = abandonment};
  double seconds = 0;
  for (auto _ : state) {
    const abr::Figures figures = abr::play(movie, trace, options);
    seconds += figures.total_play_time;
  }
  state.counters["session_seconds"] = benchmark::Counter{seconds, benchmark::Counter::kIsRate};
}

const int kRegistered = [] {
  for (const char* rule :
       {"throughput", "bola-basic", "bola-o", "bolae", "bolae-o", "dynamic", "dynamicdash", "bola-v4", "l2a", "robust-mpc"})
    for (const bool abandonment : {false, true})
      benchmark::RegisterBenchmark((std::string{"abr/"} + rule + (abandonment ? "/abandonment" : "")).c_str(), play_rule, std::string{rule},
                                   std::string{"lte-walk-0"}, abandonment);
  return 0;
}();

}  // namespace
