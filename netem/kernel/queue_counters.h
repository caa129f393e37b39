// From the kernel's counters of a netem qdisc to those of a link. Pure.
//
// netem knows what left, what waits and what was dropped. It counts a packet lost by the loss model and one that found the queue full
// as one, and duplicates not at all. Where only one of the causes can be, the counts are exact; else lost and duplicated are what the
// spec's probabilities lead to expect, and the sums are exact. Dropped packets are taken to be as long as the others on average.
#pragma once

#include <cstdint>

#include "netem/kernel/shaping.h"
#include "netem/model/link_model.h"

namespace netem {

struct QueueStatistics {
  std::uint64_t packets = 0, bytes = 0;  // that left
  std::uint64_t dropped = 0;             // the kernel counts 32 bits of them
  std::uint64_t waiting = 0, waiting_bytes = 0;
};

// What happened between two readings under `shaper`.
LinkCounters counters_between(const QueueStatistics& from, const QueueStatistics& to, const Shaper& shaper);

}  // namespace netem
