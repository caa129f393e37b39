#include "harness/transport/tcp_path.h"

#include <algorithm>

namespace harness {

TcpPath::TcpPath(const netem::LinkSpec& link, base::Instant origin, std::uint64_t seed)
    : down_{link.down, origin, base::Random::stream(seed, "down")}, up_{link.up, origin, base::Random::stream(seed, "up")} {}

int TcpPath::send(base::Instant now, const TcpPacket& packet) {
  netem::LinkModel& link = packet.direction == TcpPacket::Direction::kDown ? down_ : up_;
  const netem::Fate fate = link.judge(now, packet.segment.size());
  if (fate.kind != netem::Fate::Kind::kDelivered) return 0;
  launch(fate.due, packet);
  if (!fate.again_at) return 1;
  launch(*fate.again_at, packet);
  return 2;
}

void TcpPath::launch(base::Instant due, const TcpPacket& packet) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  slots_[slot] = packet;
  flying_.push_back({due, ++sent_, slot});
  std::push_heap(flying_.begin(), flying_.end(), later);
}

std::optional<TcpPacket> TcpPath::take(base::Instant now) {
  if (next_due() > now) return std::nullopt;
  std::pop_heap(flying_.begin(), flying_.end(), later);
  const std::uint32_t slot = flying_.back().slot;
  flying_.pop_back();
  free_.push_back(slot);
  return slots_[slot];
}

const netem::LinkCounters& TcpPath::counters(TcpPacket::Direction direction) const {
  return direction == TcpPacket::Direction::kDown ? down_.counters() : up_.counters();
}

}  // namespace harness
