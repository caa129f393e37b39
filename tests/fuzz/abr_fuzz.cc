// Any bytes as a movie or a trace: problems with text, or something that every rule plays to finite figures.
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "base/ensure.h"
#include "harness/abr/session.h"

namespace {

using namespace harness::abr;

void play_through(const Movie& movie, const Trace& trace) {
  if (movie.segments() > 500 || periods_passed(trace, movie) > 1e5) return;
  const double buffer_ms = std::max(25'000.0, movie.segment_ms);
  for (const char* rule : {"throughput", "bola-o", "bolae", "dynamic", "dynamicdash", "bola-v4", "l2a"}) {
    const Figures figures = play(movie, trace, {.rule = rule_named(rule).value(), .buffer_ms = buffer_ms, .abandonment = true});
    for (const NamedFigure& figure : kFigures) ENSURE(std::isfinite(figures.*figure.value));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto document = base::parse_json({reinterpret_cast<const char*>(data), size});
  if (!document.has_value()) return 0;
  std::vector<base::Problem> problems;
  if (document->is_array()) {
    static const Movie kMovie{
        .kbps = {500, 2000}, .utilities = {0, std::log(4.0)}, .segment_ms = 2000, .bits = {1e6, 4e6, 1e6, 4e6, 1e6, 4e6}};
    const Trace trace = read_trace(*document, problems);
    if (problems.empty()) play_through(kMovie, trace);
  } else {
    static const Trace kTrace{{.ms = 1000, .kbps = 3000, .latency_ms = 40}, {.ms = 3000, .kbps = 400, .latency_ms = 90}};
    const Movie movie = read_movie(*document, problems);
    if (problems.empty()) play_through(movie, kTrace);
  }
  for (const base::Problem& problem : problems) ENSURE(!problem.message.empty());
  return 0;
}
