#include "harness/abr/trace.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/abr/limits.h"

namespace harness::abr {
namespace {

using base::Json;

constexpr double kMostPeriods = 3e8;  // to pass through in a session: seconds

double field_of(const Json& period, const char* name, std::size_t i, const Limits& limits, std::vector<base::Problem>& problems) {
  const auto at = period.find(name);
  return number_of(at == period.end() ? nullptr : &*at, fmt::format("[{}].{}", i, name), limits, problems);
}

Period period_of(const Json& period, std::size_t i, std::vector<base::Problem>& problems) {
  if (!period.is_object()) {
    problems.push_back({fmt::format("[{}]", i), "must be an object with duration_ms, bandwidth_kbps and latency_ms"});
    return {};
  }
  return {.ms = field_of(period, "duration_ms", i, {.most = kMostMs}, problems),
          .kbps = field_of(period, "bandwidth_kbps", i, {.above_least = false, .most = kMostKbps}, problems),
          .latency_ms = field_of(period, "latency_ms", i, {.above_least = false, .most = kMostMs}, problems)};
}

}  // namespace

double periods_passed(const Trace& trace, const Movie& movie) {
  double ms = 0, bits = 0, latency_ms = 0, movie_bits = 0;
  for (const Period& period : trace) {
    ms += period.ms;
    bits += period.ms * period.kbps;
    latency_ms = std::max(latency_ms, period.latency_ms);
  }
  for (std::size_t i = 0; i < movie.segments(); ++i) movie_bits += movie.bits_of(i, 0);
  const double waits = static_cast<double>(movie.segments()) * (movie.segment_ms + latency_ms) / ms;
  return (movie_bits / bits + waits) * static_cast<double>(trace.size());
}

Trace read_trace(const Json& document, std::vector<base::Problem>& problems) {
  Trace trace;
  if (!document.is_array() || document.empty()) {
    problems.push_back({"", "must be a list of {\"duration_ms\": …, \"bandwidth_kbps\": …, \"latency_ms\": …}, at least one"});
    return trace;
  }
  trace.reserve(document.size());
  for (std::size_t i = 0; i < document.size() && problems.size() < kMostProblems; ++i) trace.push_back(period_of(document[i], i, problems));
  const bool dead = std::ranges::all_of(trace, [](const Period& period) { return period.kbps <= 0; });
  if (problems.empty() && dead)
    problems.push_back({"", "bandwidth_kbps is 0 throughout: no segment would ever arrive; give a period some"});
  return trace;
}

Trace read_trace_file(const std::string& file, const Movie& movie) {
  std::vector<base::Problem> problems;
  Trace trace = read_trace(base::read_json_file(file), problems);
  base::throw_if_any(file, problems);
  if (const double passed = periods_passed(trace, movie); passed > kMostPeriods)
    throw base::InvalidInput(file, {{"", fmt::format("would have to pass through {:.3g} periods to play the movie; at most {:.3g}: raise "
                                                     "bandwidth_kbps, lower latency_ms or make the periods longer",
                                                     passed, kMostPeriods)}});
  return trace;
}

}  // namespace harness::abr
