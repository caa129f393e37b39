#include "netem/model/trace.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "netem/model/wide.h"

namespace netem {
namespace {

using base::Bitrate;
using base::Duration;

constexpr std::size_t kMostSteps = 1'000'000;
constexpr Duration kLongest = std::chrono::hours{24 * 7};                // to the nanosecond in every format: doubles hold 104 days
constexpr Bitrate kFastest = Bitrate::bits_per_second(100'000'000'000);  // as for constant rates
constexpr Bitrate kSlowestMean = Bitrate::bits_per_second(1000);         // a full packet still takes seconds, not years
constexpr Duration kLongestRtt = std::chrono::hours{2};                  // twice the longest delay
constexpr std::size_t kMostFaults = 20;                                  // a file in the wrong unit has one per step

Wide units_of(const Trace& trace) {
  Wide units = 0;
  for (const TraceStep& step : trace.steps) units += static_cast<Wide>(step.rate.bps()) * step.lasts.count();
  return units;
}

void add_step_faults(std::vector<std::string>& faults, const TraceStep& step, std::size_t i) {
  const auto add = [&](const char* field, const std::string& text) { faults.push_back(fmt::format("steps[{}].{}: {}", i, field, text)); };
  if (step.lasts <= Duration::zero()) add("duration", "must be above 0");
  if (step.lasts > kLongest) add("duration", "is longer than 7 days");
  if (step.rate < Bitrate{}) add("rate", "is negative; an outage has rate 0");
  if (step.rate > kFastest) add("rate", fmt::format("is {}; at most 100gbit", base::to_text(step.rate)));
  if (step.rtt && *step.rtt < Duration::zero()) add("rtt", "is negative; leave it out to keep the link's own delay");
  if (step.rtt && *step.rtt > kLongestRtt) add("rtt", fmt::format("is {}; at most 2h", base::to_text(*step.rtt)));
}

void add_sum_faults(std::vector<std::string>& faults, const Trace& trace) {
  Wide length = 0;
  for (const TraceStep& step : trace.steps) length += step.lasts.count();
  if (length > kLongest.count()) return faults.push_back("steps: last longer than 7 days together; split the trace");
  if (units_of(trace) == 0) return faults.push_back("steps: the rate is 0 throughout, so nothing would ever arrive; give a step a rate");
  if (mean_rate(trace) < kSlowestMean)
    faults.push_back(fmt::format("steps: the mean rate is {}; at least 1kbit", base::to_text(mean_rate(trace))));
}

}  // namespace

Duration length_of(const Trace& trace) {
  Duration length{};
  for (const TraceStep& step : trace.steps) length += step.lasts;
  return length;
}

Bitrate mean_rate(const Trace& trace) {
  const Duration length = length_of(trace);
  if (length <= Duration::zero()) return {};
  return Bitrate::bits_per_second(static_cast<std::int64_t>(units_of(trace) / length.count()));
}

std::vector<std::string> faults_of(const Trace& trace) {
  if (trace.steps.empty()) return {"steps: there are none; give at least one with a duration and a rate"};
  if (trace.steps.size() > kMostSteps) return {fmt::format("steps: {} of them; at most 1000000", trace.steps.size())};
  std::vector<std::string> faults;
  for (std::size_t i = 0; i < trace.steps.size() && faults.size() < kMostFaults; ++i) add_step_faults(faults, trace.steps[i], i);
  if (faults.empty()) add_sum_faults(faults, trace);
  return faults;
}

}  // namespace netem
