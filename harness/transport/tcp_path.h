// TcpPath: the packets of one viewer on their way, both directions of its link. Which connection and which end they belong to is for
// the owner to know. Pure.
#pragma once

#include <optional>
#include <vector>

#include "harness/transport/tcp_segment.h"
#include "netem/model/link_model.h"

namespace harness {

struct TcpPacket {
  enum class Direction : std::uint8_t { kDown, kUp };
  Direction direction = Direction::kDown;
  std::uint32_t connection = 0;
  TcpSegment segment;
};

class TcpPath {
 public:
  // `bottleneck`: before the link on the way down, shared with others; null: none. Outlives this.
  TcpPath(const netem::LinkSpec& link, base::Instant origin, std::uint64_t seed, netem::LinkModel* bottleneck = nullptr);

  // How many copies are on their way: 0 where the link loses it.
  int send(base::Instant now, const TcpPacket& packet);
  // One that is due; nothing when none is.
  std::optional<TcpPacket> take(base::Instant now);
  base::Instant next_due() const { return flying_.empty() ? base::Instant::max() : flying_.front().due; }
  const netem::LinkCounters& counters(TcpPacket::Direction direction) const;

 private:
  struct Flying {
    base::Instant due;
    std::uint64_t order;  // of sending: decides between equal instants
    std::uint32_t slot;
  };
  static bool later(const Flying& a, const Flying& b) { return a.due != b.due ? a.due > b.due : a.order > b.order; }
  netem::Fate fate_of(base::Instant now, const TcpPacket& packet);
  void launch(base::Instant due, const TcpPacket& packet);

  netem::LinkModel* bottleneck_;
  netem::LinkModel down_, up_;
  std::vector<Flying> flying_{};  // a heap, the earliest on top
  std::vector<TcpPacket> slots_{};
  std::vector<std::uint32_t> free_{};
  std::uint64_t sent_ = 0;
};

}  // namespace harness
