#include "harness/run/self_usage.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace harness {

base::Duration own_cpu_time() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& t) { return std::chrono::seconds{t.tv_sec} + std::chrono::microseconds{t.tv_usec}; };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

std::int64_t own_resident_bytes() {
  std::ifstream in{"/proc/self/statm"};
  std::int64_t size = 0, resident = 0;
  in >> size >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

void judge_saturation(reports::HarnessRow& harness) {
  const auto judge = [&](const char* what, double ms, double budget) {
    if (ms <= budget || harness.saturated) return;
    harness.saturated = true;
    harness.saturation_reason = fmt::format(
        "{} p99 was {:.1f} ms, the budget is {:.0f} ms: the harness itself was too slow for its figures to be trusted", what, ms, budget);
  };
  judge("start lateness", harness.start_lateness_p99_ms, kLatenessBudgetMs);
  judge("event-loop lag", harness.loop_lag_p99_ms, kLatenessBudgetMs);
  judge("link lateness", harness.link_lateness_p99_ms.value_or(0), kLinkLatenessBudgetMs);
}

}  // namespace harness
