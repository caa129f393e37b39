#include "harness/calibrate/fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/ensure.h"
#include "base/text.h"

namespace harness {
namespace {

constexpr base::Duration kLeastThink = std::chrono::microseconds{1};  // what a model file can hold

double throughput(const LoadStep& step, LoadOf what) { return what == LoadOf::kRequests ? step.requests_per_s : step.bits_per_s; }

base::Duration median_of(std::vector<base::Duration> times) {
  if (times.empty()) return {};
  std::sort(times.begin(), times.end());
  return quantile_of(times, 0.5);
}

// Microseconds: nothing finer is known.
base::Duration rounded(base::Duration time) { return std::chrono::round<std::chrono::microseconds>(time); }

// The last two together, so that one step that something else disturbed ends nothing.
bool grew_little(const std::vector<LoadStep>& steps, LoadOf what) {
  if (steps.size() < 3) return false;
  const auto best = [&](auto from, auto to) {
    double most = 0;
    for (auto step = from; step != to; ++step) most = std::max(most, throughput(*step, what));
    return most;
  };
  return best(steps.end() - 2, steps.end()) < kLeastGrowth * best(steps.begin(), steps.end() - 2);
}
bool slowed_down(const std::vector<LoadStep>& steps) {
  return steps.size() > 1 && steps.front().median.count() > 0 &&
         static_cast<double>(steps.back().median.count()) > kMostSlowdown * static_cast<double>(steps.front().median.count());
}

}  // namespace

base::Duration quantile_of(const std::vector<base::Duration>& sorted, double share) {
  ENSURE(!sorted.empty());
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

std::optional<ThinkTime> fit_think(std::vector<base::Duration> first_bytes, base::Duration rtt) {
  if (first_bytes.empty()) return std::nullopt;
  std::sort(first_bytes.begin(), first_bytes.end());
  ThinkTime think;
  for (std::size_t i = 0; i < kQuantiles.size(); ++i) {
    const double beyond = std::min(kQuantiles[i].share, 1 - kQuantiles[i].share) * static_cast<double>(first_bytes.size());
    if (i != kMedianQuantile && beyond < 1 - 1e-9) continue;
    think.at[i] = std::clamp(rounded(quantile_of(first_bytes, kQuantiles[i].share) - rtt), kLeastThink, kLongestThink);
  }
  return think;
}

base::Duration fit_connection(std::vector<base::Duration> fresh, std::vector<base::Duration> open, base::Duration rtt, bool tls) {
  const base::Duration extra = median_of(std::move(fresh)) - median_of(std::move(open)) - rtt * (tls ? 2 : 1);
  return std::max(rounded(extra), base::Duration{});
}

bool is_at_capacity(const std::vector<LoadStep>& steps, LoadOf what) { return grew_little(steps, what) || slowed_down(steps); }

std::optional<Capacity> fit_capacity(const std::vector<LoadStep>& steps, LoadOf what) {
  if (steps.empty()) return std::nullopt;
  const auto best = std::max_element(steps.begin(), steps.end(),
                                     [what](const LoadStep& a, const LoadStep& b) { return throughput(a, what) < throughput(b, what); });
  if (throughput(*best, what) <= 0) return std::nullopt;
  Capacity out{.value = throughput(*best, what)};
  for (const LoadStep& step : steps) out.count += step.answered;
  const LoadStep& last = steps.back();
  std::string why = fmt::format("at least: no end was in sight with {} requests at once", last.requests_at_once);
  if (grew_little(steps, what))
    why = fmt::format("throughput grew by less than {:.0f} % up to {} requests at once", (kLeastGrowth - 1) * 100, last.requests_at_once);
  else if (slowed_down(steps))
    why = fmt::format("the median rose from {} to {} with {} requests at once", base::to_text(rounded(steps.front().median)),
                      base::to_text(rounded(last.median)), last.requests_at_once);
  if (std::max(best->own_load, last.own_load) > kOwnLimit)
    why = fmt::format("at least: the measuring program was at {:.0f} % of its processor core with {} requests at once",
                      std::max(best->own_load, last.own_load) * 100, last.requests_at_once);
  const std::string median = best->median.count() > 0 ? "median " + base::to_text(rounded(best->median)) : "no answer whole in time";
  out.how = fmt::format("{}; most with {} requests at once, {}, the measuring program at {:.0f} % of a core", why, best->requests_at_once,
                        median, best->own_load * 100);
  return out;
}

}  // namespace harness
