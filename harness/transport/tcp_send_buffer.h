// TcpSendBuffer: how much of what an application has to say the kernel takes at a time (net/ipv4/tcp.c, tcp_input.c: tcp_sndbuf_expand): a
// buffer of three windows' memory for BBR, which grows with the window only when that is not full, and is filled again when a third of it
// is empty. Early in a connection it falls short of a window that doubles, and BBR takes what it then sees for the application's doing.
// Pure.
#pragma once

#include <algorithm>
#include <cstdint>

#include "harness/transport/tcp_segment.h"

namespace harness {

class TcpSendBuffer {
 public:
  void add(std::uint64_t bytes) { waiting_ += bytes; }
  std::uint64_t waiting() const { return waiting_; }  // bytes that the application has and the kernel not
  // Memory for `window` packets is allowed.
  void widen(std::uint32_t window) { limit_ = std::max(limit_, std::min(kPerPacket * kWindows * window, kMost)); }

  struct Queue {
    std::uint64_t unsent = 0;          // bytes
    std::uint32_t out = 0, burst = 1;  // packets that are not acknowledged; how many left at once
    std::uint32_t peer_window = 0;     // bytes, the largest seen
  };
  // Whether the application is told that there is room; it writes until there is none (has_room).
  bool is_open(const Queue& queue) const { return limit_ - std::min(memory(queue), limit_) >= memory(queue) / 2; }
  bool has_room(const Queue& queue) const { return waiting_ > 0 && memory(queue) < limit_; }
  // Returns: bytes until the last unsent packet is as large as it may be, or of a new one where it is.
  std::uint64_t take(const Queue& queue) {
    const std::uint64_t taken = std::min(largest(queue) - queue.unsent % largest(queue), waiting_);
    waiting_ -= taken;
    return taken;
  }

 private:
  static constexpr std::uint64_t kWindows = 3;       // bbr_sndbuf_expand
  static constexpr std::uint64_t kPerPacket = 2304;  // bytes of memory that are reckoned with
  static constexpr std::uint64_t kOverhead = 896;    // and that a burst of packets takes beside its payload
  static constexpr std::uint64_t kMost = 4'194'304;  // tcp_wmem[2]
  static constexpr std::uint32_t kMostPackets = 45;  // 64 KiB
  // As the kernel keeps it before it is sent: packets for half the peer's window (tcp_bound_to_half_wnd).
  static std::uint64_t largest(const Queue& queue) {
    return std::clamp(queue.peer_window / 2 / kTcpSegmentSize, 1u, kMostPackets) * kTcpSegmentSize;
  }
  static std::uint64_t memory(const Queue& queue) {
    const std::uint64_t buffers = (queue.out + queue.burst - 1) / queue.burst + (queue.unsent + largest(queue) - 1) / largest(queue);
    return std::uint64_t{queue.out} * kTcpSegmentSize + queue.unsent + buffers * kOverhead;
  }
  std::uint64_t waiting_ = 0;
  std::uint64_t limit_ = kPerPacket * kWindows * 10;
};

}  // namespace harness
