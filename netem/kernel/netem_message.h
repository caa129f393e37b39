// The request that makes or changes a netem qdisc: bytes of RTM_NEWQDISC as of linux/pkt_sched.h and net/sched/sch_netem.c. Pure.
//
// What netem is not given on a change stays as it was, so every message says everything: a rate of 0 turns the rate off, and so on.
// Only the delay table is left out when there is no jitter, without which it is not used.
#pragma once

#include <cstdint>

#include "netem/kernel/traffic_message.h"
#include "netem/model/impairment.h"

namespace netem {

struct NetemSettings {
  base::Duration delay{};
  base::Duration deviation{};  // of normal jitter; at most 2.1 s (the kernel's limit)
  std::uint64_t rate = 0;      // bytes per second, of packets as long as the root takes them to be (htb_root_request); 0: off
  std::uint32_t limit = 1000;  // packets that are delayed or wait for the rate
  Loss loss = RandomLoss{};
  double duplicate = 0;
  double reorder = 0;
  bool held = false;  // nothing leaves: packets wait until a change that says otherwise, and a packet that comes after it
  friend bool operator==(const NetemSettings&, const NetemSettings&) = default;
};

enum class NetemVerb { kMake, kChange };
TrafficMessage netem_request(NetemVerb verb, const TrafficPlace& place, const NetemSettings& settings);

// 0 for 0 and 2^32-1 for 1, as the kernel compares with 32 random bits.
std::uint32_t to_netem_probability(double probability);

}  // namespace netem
