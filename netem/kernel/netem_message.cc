#include "netem/kernel/netem_message.h"

#include <algorithm>
#include <cmath>

#include "netem/kernel/normal_table.h"

namespace netem {
namespace {

// Of struct tc_netem_qopt's times, in nanoseconds (/proc/net/psched); the 64-bit attributes that follow override them.
constexpr std::int64_t kTick = 64;
// A slot of one packet per hour is how netem can be made to hold everything.
constexpr std::int64_t kHold = 3'600'000'000'000;

std::uint32_t ticks(base::Duration time) { return static_cast<std::uint32_t>(std::min<std::int64_t>(time.count() / kTick, kMost32Bits)); }

tc_netem_qopt options_of(const NetemSettings& settings) {
  tc_netem_qopt out{};
  out.latency = ticks(settings.delay);
  out.jitter = ticks(settings.deviation);
  out.limit = settings.limit;
  out.gap = settings.reorder > 0 ? 1 : 0;  // 1: every packet may be the one that overtakes
  out.duplicate = to_netem_probability(settings.duplicate);
  if (const auto* random = std::get_if<RandomLoss>(&settings.loss)) out.loss = to_netem_probability(random->probability);
  return out;
}

void put_times(TrafficMessage& message, const NetemSettings& settings) {
  message.put(TCA_NETEM_LATENCY64, settings.delay.count()).put(TCA_NETEM_JITTER64, settings.deviation.count());
  if (settings.deviation <= base::Duration::zero()) return;
  static const NormalTable table = normal_table();
  message.put(TCA_NETEM_DELAY_DIST, table);
}

// The whole rate in RATE64 when it does not fit into RATE; the kernel takes the larger of the two.
void put_rate(TrafficMessage& message, const NetemSettings& settings) {
  tc_netem_rate rate{};
  rate.rate = static_cast<std::uint32_t>(std::min<std::uint64_t>(settings.rate, kMost32Bits));
  message.put(TCA_NETEM_RATE, rate);
  if (settings.rate > kMost32Bits) message.put(TCA_NETEM_RATE64, settings.rate);
}

// Without this attribute a change goes back to random loss. The header's names mislead: h is the share that gets through in the bad
// state, k1 the share that is lost in the good one.
void put_burst_loss(TrafficMessage& message, const NetemSettings& settings) {
  const auto* burst = std::get_if<BurstLoss>(&settings.loss);
  if (burst == nullptr) return;
  tc_netem_gemodel model{};
  model.p = to_netem_probability(burst->to_bad);
  model.r = to_netem_probability(burst->to_good);
  model.h = to_netem_probability(1 - burst->loss_in_bad);
  model.k1 = to_netem_probability(burst->loss_in_good);
  message.enter(TCA_NETEM_LOSS).put(NETEM_LOSS_GE, model).leave();
}

void put_slot(TrafficMessage& message, bool held) {
  tc_netem_slot slot{};
  if (held) slot = {.min_delay = kHold, .max_delay = kHold, .max_packets = 1, .max_bytes = 0, .dist_delay = 0, .dist_jitter = 0};
  message.put(TCA_NETEM_SLOT, slot);
}

}  // namespace

std::uint32_t to_netem_probability(double probability) {
  return static_cast<std::uint32_t>(std::llround(std::clamp(probability, 0.0, 1.0) * kMost32Bits));
}

TrafficMessage netem_request(NetemVerb verb, const TrafficPlace& place, const NetemSettings& settings) {
  TrafficMessage message{RTM_NEWQDISC, verb == NetemVerb::kMake ? NLM_F_CREATE | NLM_F_EXCL : 0, place};
  const tc_netem_qopt options = options_of(settings);
  message.put(TCA_KIND, "netem").enter(TCA_OPTIONS).append(&options, sizeof options);
  put_times(message, settings);
  message.put(TCA_NETEM_CORR, tc_netem_corr{});
  message.put(TCA_NETEM_REORDER, tc_netem_reorder{.probability = to_netem_probability(settings.reorder), .correlation = 0});
  message.put(TCA_NETEM_CORRUPT, tc_netem_corrupt{});
  put_rate(message, settings);
  put_burst_loss(message, settings);
  put_slot(message, settings.held);
  message.leave();
  return message;
}

}  // namespace netem
