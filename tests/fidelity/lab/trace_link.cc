#include "tests/fidelity/lab/trace_link.h"

#include <filesystem>

#include "base/json_reader.h"

namespace fidelity {
namespace {

using base::ByteCount;
using base::Duration;

// Without queue_bytes: a round trip at 5 Mbit/s, at least 64 full packets.
ByteCount usual_queue(Duration rtt) {
  constexpr auto kRate = base::Bitrate::bits_per_second(5'000'000);
  constexpr auto kLeast = ByteCount::bytes(64 * 1500);
  return std::max(kRate * rtt, kLeast);
}

double positive(base::JsonObject& object, std::string_view name, double most) {
  const double value = object.required<double>(name);
  if (value > 0 && value <= most) return value;
  object.problem(name, "must be above 0 and at most " + std::to_string(static_cast<std::int64_t>(most)));
  return 1;
}

netem::TraceStep step_of(base::JsonObject& step) {
  constexpr double kHour = 3'600'000, kGigabit = 1'000'000;
  netem::TraceStep out;
  out.lasts = base::from_seconds(positive(step, "duration_ms", kHour) / 1e3);
  const double rate = step.required<double>("bandwidth_kbps");
  if (!(rate >= 0 && rate <= kGigabit)) step.problem("bandwidth_kbps", "must be at least 0 and at most 1000000");
  out.rate = base::Bitrate::bits_per_second(rate >= 0 && rate <= kGigabit ? static_cast<std::int64_t>(rate * 1e3) : 0);
  step.finish();
  return out;
}

}  // namespace

TraceLink read_trace_link(const std::string& file) {
  const base::Json document = base::read_json_file(file);
  std::vector<base::Problem> problems;
  base::JsonObject root{document, "", problems};
  for (const char* about : {"name", "note", "seed", "period_ms", "mean_kbps", "min_kbps", "max_kbps"}) root.take(about);
  TraceLink out{.name = std::filesystem::path{file}.stem().string()};
  out.rtt = base::from_seconds(positive(root, "latency_ms", 60'000) / 1e3);
  const double up = positive(root, "uplink_kbps", 1'000'000);
  out.queue = ByteCount::bytes(root.optional<std::int64_t>("queue_bytes", usual_queue(out.rtt).count()));
  if (out.queue < ByteCount::bytes(1500)) root.problem("queue_bytes", "holds no full packet; write 1500 or more");
  auto trace = std::make_shared<netem::Trace>();
  trace->name = out.name;
  for (base::JsonObject& step : root.objects("steps")) trace->steps.push_back(step_of(step));
  root.finish();
  if (problems.empty())
    for (const std::string& fault : netem::faults_of(*trace)) problems.push_back({"steps", fault});
  base::throw_if_any(file, problems);
  out.link.down = {.rate = std::move(trace), .delay = out.rtt / 2, .queue = out.queue};
  out.link.up = {.rate = base::Bitrate::bits_per_second(static_cast<std::int64_t>(up * 1e3)), .delay = out.rtt / 2, .queue = out.queue};
  return out;
}

}  // namespace fidelity
