// TcpPacer: spreads packets by a rate as Linux's TCP does it itself where the device's queue is not fq (tcp_output.c: tcp_pacing_check,
// tcp_update_skb_after_send): after each burst the next one waits for as long as the burst takes at that rate. The first ten packets of a
// connection are not spread. Pure.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.h"

namespace harness {

class TcpPacer {
 public:
  // The burst that may leave next (tcp_wstamp_ns).
  base::Instant next() const { return next_; }
  bool holds(base::Instant now) const { return next_ > now; }
  // How long the next burst waits.
  base::Duration wait(base::Instant now) const { return std::max(next_ - now, base::Duration{}); }
  void on_sent(base::Instant now, std::uint32_t packets, std::uint64_t payload, std::uint64_t bytes_per_second) {
    const base::Instant due = next_;
    next_ = std::max(next_, now);
    packets_ += packets;
    if (packets_ < kUnpaced || bytes_per_second == 0) return;
    const base::Duration took{static_cast<std::int64_t>(payload * 1'000'000'000 / bytes_per_second)};
    next_ += took - std::min(took / 2, next_ - due);  // what left late is caught up with
  }

 private:
  static constexpr std::uint64_t kUnpaced = 10;
  base::Instant next_{};
  std::uint64_t packets_ = 0;
};

}  // namespace harness
