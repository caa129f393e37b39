#include "netem/model/impairment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace netem {
namespace {

using base::Bitrate;
using base::ByteCount;
using base::Duration;
using Faults = std::vector<std::pair<std::string, std::string>>;

constexpr ByteCount kSmallestQueue = ByteCount::bytes(30 * 1500);
constexpr Duration kQueueTime = std::chrono::milliseconds{100};
constexpr Duration kLongestDelay = std::chrono::hours{1};
constexpr ByteCount kLargestQueue = ByteCount::bytes(1 << 30);
constexpr Bitrate kLowestRate = Bitrate::bits_per_second(1000);
constexpr Bitrate kHighestRate = Bitrate::bits_per_second(100'000'000'000);

Bitrate mean_of(const Rate& rate) {
  if (const auto* constant = std::get_if<Bitrate>(&rate)) return *constant;
  const auto* trace = std::get_if<std::shared_ptr<const Trace>>(&rate);
  return trace != nullptr && *trace != nullptr ? mean_rate(**trace) : Bitrate{};
}

// Written so that a value that is not a number is a fault too.
void check_probability(Faults& faults, const std::string& field, double value) {
  if (!(value >= 0 && value <= 1)) faults.emplace_back(field, fmt::format("is {}; write a share in [0, 1], such as 0.01 for 1 %", value));
}

void check_time(Faults& faults, const std::string& field, Duration value) {
  if (value < Duration::zero()) faults.emplace_back(field, "is negative; write 0ms or more");
  if (value > kLongestDelay) faults.emplace_back(field, fmt::format("is {}; at most 1h", base::to_text(value)));
}

void check_rate(Faults& faults, const Rate& rate) {
  if (const auto* constant = std::get_if<Bitrate>(&rate)) {
    if (*constant <= Bitrate{})
      faults.emplace_back("rate", "must be above 0; for outages use a trace, for no limit leave it out");
    else if (*constant < kLowestRate || *constant > kHighestRate)
      faults.emplace_back("rate", fmt::format("is {}; write a rate between 1kbit and 100gbit", base::to_text(*constant)));
  }
  const auto* trace = std::get_if<std::shared_ptr<const Trace>>(&rate);
  if (trace == nullptr) return;
  if (*trace == nullptr) return void(faults.emplace_back("rate", "names no trace"));
  for (const std::string& fault : faults_of(**trace)) {
    const auto colon = fault.find(": ");
    faults.emplace_back("rate." + fault.substr(0, colon), fault.substr(colon + 2));
  }
}

void check_loss(Faults& faults, const Loss& loss) {
  if (const auto* random = std::get_if<RandomLoss>(&loss)) return check_probability(faults, "loss", random->probability);
  const auto& burst = std::get<BurstLoss>(loss);
  check_probability(faults, "loss.to_bad", burst.to_bad);
  check_probability(faults, "loss.to_good", burst.to_good);
  check_probability(faults, "loss.loss_in_bad", burst.loss_in_bad);
  check_probability(faults, "loss.loss_in_good", burst.loss_in_good);
}

void check_jitter(Faults& faults, const Jitter& jitter) {
  check_time(faults, "jitter.deviation", jitter.deviation);
  if (!(jitter.correlation >= 0 && jitter.correlation < 1))
    faults.emplace_back("jitter.correlation", fmt::format("is {}; write a number in [0, 1), below 1", jitter.correlation));
}

// A trace may bring the delay instead.
bool has_delay(const ImpairmentSpec& spec) {
  if (spec.delay > Duration::zero()) return true;
  const auto* trace = std::get_if<std::shared_ptr<const Trace>>(&spec.rate);
  const auto brings = [](const TraceStep& step) { return step.rtt && *step.rtt > Duration::zero(); };
  return trace != nullptr && *trace != nullptr && std::any_of((*trace)->steps.begin(), (*trace)->steps.end(), brings);
}

void check_reorder(Faults& faults, const ImpairmentSpec& spec) {
  check_probability(faults, "reorder", spec.reorder);
  if (spec.reorder > 0 && !has_delay(spec))
    faults.emplace_back("reorder", "needs a delay: a packet overtakes by skipping it; set delay, such as 20ms, or leave reorder out");
}

void check_queue(Faults& faults, const QueueLimit& queue) {
  if (const auto* time = std::get_if<Duration>(&queue)) {
    check_time(faults, "queue", *time);
    if (*time == Duration::zero()) faults.emplace_back("queue", "must be above 0; leave it out for the default");
    return;
  }
  const ByteCount bytes = std::get<ByteCount>(queue);
  if (bytes < ByteCount{}) faults.emplace_back("queue", "is negative; leave it out for the default");
  if (bytes > kLargestQueue) faults.emplace_back("queue", fmt::format("is {}; at most 1GiB", base::to_text(bytes)));
}

}  // namespace

double mean_loss(const Loss& loss) {
  if (const auto* random = std::get_if<RandomLoss>(&loss)) return random->probability;
  const auto& burst = std::get<BurstLoss>(loss);
  const double changes = burst.to_bad + burst.to_good;
  const double bad = changes > 0 ? burst.to_bad / changes : 0;  // it starts good and stays so
  return bad * burst.loss_in_bad + (1 - bad) * burst.loss_in_good;
}

ByteCount default_queue(const Rate& rate) {
  if (std::holds_alternative<Unlimited>(rate)) return {};
  return std::max(kSmallestQueue, mean_of(rate) * kQueueTime);
}

QueueLimit queue_limit_of(const ImpairmentSpec& spec) {
  return spec.queue == QueueLimit{ByteCount{}} ? QueueLimit{default_queue(spec.rate)} : spec.queue;
}

Duration base_rtt(const LinkSpec& link) { return link.down.delay + link.up.delay; }

Faults faults_of(const ImpairmentSpec& spec) {
  Faults faults;
  check_rate(faults, spec.rate);
  check_time(faults, "delay", spec.delay);
  check_jitter(faults, spec.jitter);
  check_loss(faults, spec.loss);
  check_probability(faults, "duplicate", spec.duplicate);
  check_reorder(faults, spec);
  check_queue(faults, spec.queue);
  return faults;
}

}  // namespace netem
