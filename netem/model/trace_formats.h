// The trace formats of the field, in and out. Reading throws base::InvalidInput naming the file and the line or the JSON path;
// writing loses what a format cannot say (its comment tells what).
//
//   rehearsal  {"name": "lte", "steps": [{"duration": "1s", "rate": "4mbit", "rtt": "60ms"}, …]}   comments allowed; name and rtt optional
//   sabre      [{"duration_ms": 1000, "bandwidth_kbps": 4000, "latency_ms": 60}, …]   latency_ms = rtt; 0 stands for no rtt, both ways
//   pensieve   lines "seconds megabits_per_second", times ascending from 0: each rate holds until the next line's time, the last line's
//              for as long as the one before it; no round trips. A last step of another length is written as two halves
//   mahimahi   one millisecond per line, non-descending, the last above 0: a chance to deliver 1504 bytes (mahimahi's PACKET_SIZE, a
//              1500-byte IP packet behind the TUN header); read into steps of 100 ms, written as the rate's whole packets; no round
//              trips. The file lasts as long as its last line says, so there is always a chance in the last millisecond
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "netem/model/trace.h"

namespace netem {

enum class TraceFormat { kRehearsal, kSabre, kPensieve, kMahimahi };
base::Result<TraceFormat> parse_trace_format(std::string_view word);  // "rehearsal", "sabre", "pensieve", "mahimahi"
const char* to_text(TraceFormat format);

// What `text` looks like: JSON object, JSON array, two numbers per line, one integer per line.
base::Result<TraceFormat> recognise(std::string_view text);
// `name`: for messages ("lte.json") and, without extension, the trace's name when the format holds none.
Trace read_trace(std::string_view text, const std::string& name, TraceFormat format);
// The file, in whichever format it is recognised to be. At most 64 MiB.
Trace read_trace_file(const std::string& file);
// Throws base::InvalidInput for a trace that would take more than 8 million mahimahi lines. Requires: faults_of(trace) is empty.
std::string write_trace(const Trace& trace, TraceFormat format);

}  // namespace netem
