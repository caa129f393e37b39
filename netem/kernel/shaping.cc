#include "netem/kernel/shaping.h"

#include <algorithm>
#include <cmath>

#include "netem/kernel/kernel_links.h"

namespace netem {
namespace {

using base::Bitrate;
using base::ByteCount;
using base::Duration;
using TracePointer = std::shared_ptr<const Trace>;

constexpr std::int64_t kFullPacket = 1'500;    // bytes
constexpr std::int64_t kSmallPacket = 100;     // bytes
constexpr double kJitterReach = 4;             // deviations; the delay table ends there
constexpr std::uint32_t kNoQueue = 1'000'000;  // packets under way on a link without a rate, on which nothing waits

// 10 Tbit/s: one nanosecond a packet. With a rate netem lets no packet leave before those that came before it.
constexpr std::uint64_t kOrderKeepingRate = 1'250'000'000'000;

// netem's 32 bits for nanoseconds of jitter.
constexpr Duration kLargestDeviation{2'147'483'647};

const Trace* trace_of(const ImpairmentSpec& spec) {
  const auto* trace = std::get_if<TracePointer>(&spec.rate);
  return trace == nullptr ? nullptr : trace->get();
}

bool is_unlimited(const ImpairmentSpec& spec) { return std::holds_alternative<Unlimited>(spec.rate); }
bool may_overtake(const ImpairmentSpec& spec) {
  return spec.reorder > 0 || (spec.jitter.deviation > Duration::zero() && !spec.jitter.keep_order);
}
bool rate_is_of_class(const ImpairmentSpec& spec) { return trace_of(spec) != nullptr || (!is_unlimited(spec) && may_overtake(spec)); }

Bitrate mean_rate_of(const ImpairmentSpec& spec) {
  if (const Trace* trace = trace_of(spec)) return mean_rate(*trace);
  return is_unlimited(spec) ? Bitrate{} : std::get<Bitrate>(spec.rate);
}

Bitrate highest_rate_of(const ImpairmentSpec& spec) {
  Bitrate out = mean_rate_of(spec);
  if (const Trace* trace = trace_of(spec))
    for (const TraceStep& step : trace->steps) out = std::max(out, step.rate);
  return out;
}

Duration longest_delay_of(const ImpairmentSpec& spec) {
  Duration out = spec.delay;
  if (const Trace* trace = trace_of(spec))
    for (const TraceStep& step : trace->steps) out = std::max(out, step.rtt.value_or(Duration{}) / 2);
  return out + base::from_seconds(base::to_seconds(spec.jitter.deviation) * kJitterReach);
}

ByteCount queue_of(const ImpairmentSpec& spec) {
  const QueueLimit limit = queue_limit_of(spec);
  if (const auto* time = std::get_if<Duration>(&limit)) return mean_rate_of(spec) * *time;
  return std::get<ByteCount>(limit);
}

std::int64_t packets_in(ByteCount bytes, std::int64_t size) { return (bytes.count() + size - 1) / size; }

// Waiting for `limiting` and under way for as long as the link's own delay.
std::uint32_t limit_of(const ImpairmentSpec& limiting, Duration delay, Way way) {
  if (is_unlimited(limiting)) return kNoQueue;
  const std::int64_t waiting = packets_in(queue_of(limiting), kFullPacket);
  const std::int64_t under_way = packets_in(highest_rate_of(limiting) * delay, way == Way::kDown ? kFullPacket : kSmallPacket);
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(waiting + under_way, 1, kNoQueue));
}

std::uint32_t limit_of(const ImpairmentSpec& spec, Way way, const ImpairmentSpec* bottleneck) {
  const Duration delay = longest_delay_of(spec);
  const std::uint32_t own = limit_of(spec, delay, way);
  return bottleneck == nullptr ? own : std::min(own, limit_of(*bottleneck, delay, way));
}

// Without a rate of its own, netem orders by departure; a trace's round trips change the delay, so that this matters without jitter too.
std::uint64_t netem_rate(const ImpairmentSpec& spec) {
  if (!is_unlimited(spec) && !rate_is_of_class(spec))
    return std::max<std::uint64_t>(static_cast<std::uint64_t>(std::get<Bitrate>(spec.rate).bps()) / 8, 1);  // 0 would turn it off
  const bool may_vary = trace_of(spec) != nullptr || spec.jitter.deviation > Duration::zero();
  return may_vary && spec.jitter.keep_order ? kOrderKeepingRate : 0;
}

}  // namespace

Shaper::Shaper(const ImpairmentSpec& spec, Way way, base::Instant origin, const ImpairmentSpec* bottleneck)
    : spec_{spec},
      schedule_{spec.rate, origin},
      may_overflow_{!is_unlimited(spec) || (bottleneck != nullptr && !is_unlimited(*bottleneck))},
      limit_{limit_of(spec, way, bottleneck)} {}

Shaping Shaper::at(base::Instant now) const {
  const std::optional<Duration> rtt = schedule_.rtt_at(now);
  Shaping out;
  out.netem = {.delay = rtt ? *rtt / 2 : spec_.delay,
               .deviation = std::min(spec_.jitter.deviation, kLargestDeviation),
               .rate = netem_rate(spec_),
               .limit = limit_,
               .loss = spec_.loss,
               .duplicate = spec_.duplicate,
               .reorder = spec_.reorder};
  if (!rate_is_of_class(spec_)) return out;
  out.class_rate = class_rate(schedule_, spec_, now);
  out.netem.held = is_outage(schedule_, now);
  return out;
}

bool is_outage(const RateSchedule& schedule, base::Instant now) { return schedule.rate_at(now) == Bitrate{}; }

std::optional<Bitrate> class_rate(const RateSchedule& schedule, const ImpairmentSpec& spec, base::Instant now) {
  return is_outage(schedule, now) ? mean_rate_of(spec) : schedule.rate_at(now);
}

std::vector<std::string> departures_of(const ImpairmentSpec& spec) {
  std::vector<std::string> out;
  if (spec.jitter.deviation > Duration::zero() && spec.jitter.correlation > 0)
    out.emplace_back("jitter.correlation: the kernel draws each packet's jitter independently of the one before");
  if (spec.jitter.deviation > kLargestDeviation) out.emplace_back("jitter.deviation: the kernel goes up to 2.147 s");
  if (spec.duplicate > 0)
    out.emplace_back("duplicate: kernels since Linux 6.16 and the stable ones of 2025 duplicate only where a single player is plugged");
  if (trace_of(spec) != nullptr && std::holds_alternative<BurstLoss>(spec.loss))
    out.emplace_back("loss: a burst ends where the trace's round trip changes or an outage begins or ends");
  if (spec.duplicate > 0 || (mean_loss(spec.loss) > 0 && !is_unlimited(spec)))
    out.emplace_back(
        "counters: the kernel counts lost and overflowed packets as one and duplicates not at all; they are told apart by what the "
        "probabilities lead to expect");
  return out;
}

}  // namespace netem
