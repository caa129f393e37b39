#include "tests/fidelity/lab/link_report.h"

namespace fidelity {
namespace {

base::Json way(const netem::LinkCounters& counters) {
  return {{"packets", counters.offered},
          {"bytes", counters.bytes_offered.count()},
          {"sent", counters.delivered},
          {"drops", counters.overflowed}};
}

double share_above(const base::Histogram& lateness, double limit) {
  std::uint64_t above = 0;
  for (const base::Histogram::Bucket& bucket : lateness.buckets()) above += bucket.upper > limit ? bucket.count : 0;
  return lateness.count() == 0 ? 0 : static_cast<double>(above) / static_cast<double>(lateness.count());
}

base::Json lateness_of(const base::Histogram& late) {
  return {{"p50", late.quantile(0.5) * 1e6},
          {"p99", late.quantile(0.99) * 1e6},
          {"max", late.max() * 1e6},
          {"over_1ms_share", share_above(late, 1e-3)}};
}

}  // namespace

base::Json link_report(const TraceLink& link, const PlayerLab::Reading& reading) {
  base::Json out{{"rtt_ms", base::to_milliseconds(link.rtt)},
                 {"queue_limit_bytes", link.queue.count()},
                 {"down", way(reading.link.down)},
                 {"up", way(reading.link.up)},
                 {"lateness_us", lateness_of(reading.router.lateness)},
                 {"cpu_s", base::to_seconds(reading.router.cpu)}};
  if (reading.trace_start) out["trace_start_monotonic_ms"] = base::to_milliseconds(reading.trace_start->time_since_epoch());
  if (!reading.router.failure.empty()) out["failure"] = reading.router.failure;
  return out;
}

}  // namespace fidelity
