// TcpCubic: CUBIC (RFC 9438) with HyStart as Linux has them from 6.1 to 6.18 (net/ipv4/tcp_cubic.c): decides how the congestion window
// grows and what is left of it after a loss. Pure.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace harness {

// Counted in segments.
struct TcpWindow {
  static constexpr std::uint32_t kNoThreshold = 0x7FFFFFFF;
  std::uint32_t cwnd = 10;
  std::uint32_t threshold = kNoThreshold;  // of slow start
  std::uint32_t credit = 0;                // acknowledged towards the next increase
  bool in_slow_start() const { return cwnd < threshold; }
};

class TcpCubic {
 public:
  // The slow-start threshold after a loss.
  std::uint32_t on_congestion(std::uint32_t cwnd);
  void on_timeout(base::Instant now, std::uint64_t next_seq);
  // The first packet after an idle time that began at `last_sent`.
  void on_idle_end(base::Instant now, base::Instant last_sent);
  // A round trip was measured; may end slow start. `una`, `next_seq`: the oldest unacknowledged and the next byte to be sent.
  void on_rtt(base::Instant now, base::Duration rtt, std::uint64_t una, std::uint64_t next_seq, TcpWindow& window);
  // `acked` segments were acknowledged. Requires: the window was what limited the sender.
  void on_acked(base::Instant now, std::uint32_t acked, TcpWindow& window);

 private:
  void begin_round(base::Instant now, std::uint64_t next_seq);
  void look_for_exit(base::Instant now, base::Duration rtt, TcpWindow& window);
  void update(base::Instant now, std::uint32_t cwnd, std::uint32_t acked);
  void begin_epoch(std::int64_t now, std::uint32_t cwnd, std::uint32_t acked);
  std::uint32_t target(std::int64_t now) const;
  void be_friendly(std::uint32_t cwnd);

  std::uint32_t acks_per_increase_ = 0;
  std::uint32_t last_max_ = 0;
  std::uint32_t last_cwnd_ = 0;
  std::int64_t last_update_ = 0;  // jiffies
  std::uint32_t origin_ = 0;
  std::int64_t k_ = 0;      // 1/1024 s
  std::int64_t epoch_ = 0;  // jiffies; 0: none
  std::uint32_t acked_ = 0;
  std::uint32_t reno_cwnd_ = 0;
  base::Duration delay_min_{};  // zero: unknown

  bool found_exit_ = false;
  base::Instant round_start_{}, last_ack_{};
  std::uint64_t round_end_ = 0;
  base::Duration round_rtt_ = base::Duration::max();
  int samples_ = 0;
};

}  // namespace harness
