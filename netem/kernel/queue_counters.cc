#include "netem/kernel/queue_counters.h"

#include <algorithm>
#include <cmath>

namespace netem {
namespace {

std::uint64_t share_of(std::uint64_t whole, double share) {
  return static_cast<std::uint64_t>(std::llround(static_cast<double>(whole) * share));
}

// Packets that came by, clones included. More may leave than came, when some had been waiting before.
std::uint64_t arrivals(std::uint64_t left, std::uint64_t dropped, std::uint64_t waited, std::uint64_t wait) {
  return left + dropped + wait - std::min(waited, left + dropped + wait);
}

}  // namespace

LinkCounters counters_between(const QueueStatistics& from, const QueueStatistics& to, const Shaper& shaper) {
  const ImpairmentSpec& spec = shaper.spec();
  const double loss = mean_loss(spec.loss);
  // A packet that is to be both duplicated and lost comes through once (sch_netem.c, netem_enqueue).
  const double clones = spec.duplicate * (1 - loss);
  const std::uint64_t dropped = static_cast<std::uint32_t>(to.dropped - from.dropped);
  const std::uint64_t delivered = to.packets - from.packets;
  const std::uint64_t seen = arrivals(delivered, dropped, from.waiting, to.waiting);

  LinkCounters out;
  out.delivered = delivered;
  out.duplicated = share_of(seen, clones / (1 + clones));
  out.offered = seen - out.duplicated;
  const std::uint64_t expected = share_of(out.offered, loss * (1 - spec.duplicate)) + share_of(out.duplicated, loss);
  out.lost = shaper.may_overflow() ? std::min(dropped, expected) : dropped;
  out.overflowed = dropped - out.lost;
  const std::uint64_t bytes = to.bytes - from.bytes;
  const double mean_size = delivered == 0 ? 0 : static_cast<double>(bytes) / static_cast<double>(delivered);
  out.bytes_delivered = base::ByteCount::bytes(static_cast<std::int64_t>(bytes));
  out.bytes_offered = base::ByteCount::bytes(static_cast<std::int64_t>(
      arrivals(bytes, share_of(dropped, mean_size), from.waiting_bytes, to.waiting_bytes) - share_of(out.duplicated, mean_size)));
  return out;
}

}  // namespace netem
