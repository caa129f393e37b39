// What a link does to packets: one ImpairmentSpec for each direction, two make a LinkSpec. Plain data, validated once at the edge;
// LinkModel (link_model.h) and netem/kernel give it its meaning, and tests hold the two against each other.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "netem/model/trace.h"

namespace netem {

// As fast as the machine, or a constant, or a trace. Bits of IP packets (headers included, no link-layer framing) per second.
struct Unlimited {
  friend bool operator==(const Unlimited&, const Unlimited&) = default;
};
using Rate = std::variant<Unlimited, base::Bitrate, std::shared_ptr<const Trace>>;

// Every packet is lost with the same probability in [0, 1].
struct RandomLoss {
  double probability = 0;
  friend bool operator==(const RandomLoss&, const RandomLoss&) = default;
};
// Gilbert-Elliott: a good and a bad state, changed before each packet is judged; the first one is judged from the good state. (tc-netem's
// gemodel changes it after; the statistics are the same.) All in [0, 1].
struct BurstLoss {
  double to_bad = 0;        // p: good to bad, per packet
  double to_good = 1;       // r: bad to good, per packet
  double loss_in_bad = 1;   // 1-h
  double loss_in_good = 0;  // 1-k
  friend bool operator==(const BurstLoss&, const BurstLoss&) = default;
};
using Loss = std::variant<RandomLoss, BurstLoss>;
double mean_loss(const Loss& loss);  // long-run share of packets lost

// Normally distributed around the delay, cut off at no delay at all.
struct Jitter {
  base::Duration deviation{};  // standard deviation
  double correlation = 0;      // of each packet's delay with the one before, [0, 1)
  bool keep_order = true;      // a packet never overtakes the one before it; this raises the mean delay of close packets
  friend bool operator==(const Jitter&, const Jitter&) = default;
};

// Droptail: a packet that finds the queue full is dropped. In bytes of the packets that are not through, the one being sent included, or
// in time that the queue needs to drain.
using QueueLimit = std::variant<base::ByteCount, base::Duration>;

struct ImpairmentSpec {
  Rate rate = Unlimited{};
  base::Duration delay{};  // one way
  Jitter jitter{};
  Loss loss = RandomLoss{};
  double duplicate = 0;  // probability that a packet arrives twice
  double reorder = 0;    // probability that a packet skips the delay and so overtakes those before it (tc-netem's meaning); needs a delay
  QueueLimit queue = base::ByteCount::bytes(0);  // 0 bytes: default_queue(rate)
  friend bool operator==(const ImpairmentSpec&, const ImpairmentSpec&) = default;
};

// The larger of 45,000 bytes (30 full packets) and what the mean rate carries in 100 ms; nothing waits on an unlimited link.
base::ByteCount default_queue(const Rate& rate);

// The spec's queue, default_queue() where it says none.
QueueLimit queue_limit_of(const ImpairmentSpec& spec);

struct LinkSpec {
  ImpairmentSpec down{};  // towards the player
  ImpairmentSpec up{};
  friend bool operator==(const LinkSpec&, const LinkSpec&) = default;
};

// Sum of both delays: the round trip of an idle link without jitter. Ignores round trips that a trace brings.
base::Duration base_rtt(const LinkSpec& link);

// Field ("delay", "loss.to_bad", "rate.steps[2].duration") and sentence with the fix, for every value that is out of range.
std::vector<std::pair<std::string, std::string>> faults_of(const ImpairmentSpec& spec);

}  // namespace netem
