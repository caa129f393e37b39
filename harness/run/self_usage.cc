#include "harness/run/self_usage.h"

#include <fmt/format.h>

namespace harness {

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
