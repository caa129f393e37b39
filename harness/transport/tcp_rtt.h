// TcpRtt: smoothed round trip and retransmission timeout (RFC 6298) as Linux estimates them (tcp_rtt_estimator): the variance falls
// at most once a round trip and never below 200 ms.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace harness {

constexpr base::Duration kTcpLeastRto = std::chrono::milliseconds{200};
constexpr base::Duration kTcpMostRto = std::chrono::seconds{120};

class TcpRtt {
 public:
  // `una`, `next_seq`: the oldest unacknowledged byte and the next to be sent.
  void add(base::Duration sample, std::uint64_t una, std::uint64_t next_seq);
  base::Duration smoothed() const { return smoothed8_ / 8; }  // zero: no sample yet
  base::Duration rto() const { return std::min(smoothed8_ / 8 + variance_, kTcpMostRto); }
  bool is_known() const { return smoothed8_ > base::Duration{}; }

 private:
  base::Duration smoothed8_{};   // eight times
  base::Duration deviation4_{};  // four times the mean deviation
  base::Duration deviation_max_{};
  base::Duration variance_ = std::chrono::seconds{1};  // until there is a sample: the initial timeout
  std::uint64_t round_end_ = 0;
};

// The least of the last five minutes or so (tcp_min_rtt_wlen): forgotten in steps of that length.
class TcpMinRtt {
 public:
  void add(base::Instant now, base::Duration sample);
  base::Duration value() const { return std::min(now_, before_); }

 private:
  base::Instant since_{};
  base::Duration now_ = base::Duration::max(), before_ = base::Duration::max();
};

}  // namespace harness
