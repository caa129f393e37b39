#include "harness/transport/tcp_path.h"

#include <algorithm>

namespace harness {

TcpPath::TcpPath(const netem::LinkSpec& link, base::Instant origin, std::uint64_t seed, netem::LinkModel* bottleneck)
    : bottleneck_{bottleneck},
      down_{link.down, origin, base::Random::stream(seed, "down")},
      up_{link.up, origin, base::Random::stream(seed, "up")} {}

netem::Fate TcpPath::fate_of(base::Instant now, const TcpPacket& packet) {
  const base::ByteCount size = packet.segment.size();
  if (packet.direction == TcpPacket::Direction::kUp) return up_.judge(now, size);
  if (bottleneck_ == nullptr) return down_.judge(now, size);
  const netem::Fate shared = bottleneck_->judge(now, size);
  return shared.kind == netem::Fate::Kind::kDelivered ? down_.judge(shared.due, size) : shared;
}

int TcpPath::send(base::Instant now, const TcpPacket& packet) {
  const netem::Fate fate = fate_of(now, packet);
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
