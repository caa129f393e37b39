// Trace: what a network carries over time, as in Sabre's network files. It repeats from its start. Plain data.
#pragma once

#include "harness/abr/movie.h"

namespace harness::abr {

struct Period {
  double ms = 0;
  double kbps = 0;
  double latency_ms = 0;  // of each request
};
using Trace = std::vector<Period>;

// [{"duration_ms": 1000, "bandwidth_kbps": 4000, "latency_ms": 60}, …]; other fields are left alone. Usable only if no problem was added.
Trace read_trace(const base::Json& document, std::vector<base::Problem>& problems);
// How many periods a session passes through at most, if every segment is of the lowest rendition.
double periods_passed(const Trace& trace, const Movie& movie);
// Also refuses a trace that would take ages to carry the movie. Throws base::InvalidInput.
Trace read_trace_file(const std::string& file, const Movie& movie);

}  // namespace harness::abr
