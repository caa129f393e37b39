// TcpFlight: what a sender has sent and not seen acknowledged in order, and what it knows of each segment (RFC 6675's scoreboard, in
// Linux's terms). Keeps the counts; knows nothing of timers or windows.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "harness/transport/tcp_delivery_rate.h"
#include "harness/transport/tcp_ring.h"

namespace harness {

struct TcpSent {
  std::uint64_t begin = 0;
  std::uint32_t length = 0;
  bool sacked = false;
  bool lost = false;
  bool resent = false;  // and that copy is in flight
  bool ever_resent = false;
  bool joined = false;  // to its predecessor: both left in one burst
  base::Instant at{};   // last sent
  TcpRateStamp rate{};  // of then
  std::uint64_t end() const { return begin + length; }
};

class TcpFlight {
 public:
  std::uint32_t packets() const { return static_cast<std::uint32_t>(sent_.size()); }
  std::uint32_t sacked() const { return sacked_; }
  std::uint32_t lost() const { return lost_; }
  std::uint32_t resent() const { return resent_; }
  // In the network, by what is known.
  std::uint32_t in_network() const { return packets() - sacked_ - lost_ + resent_; }
  bool empty() const { return sent_.empty(); }
  TcpSent& operator[](std::size_t i) { return sent_[i]; }
  const TcpSent& operator[](std::size_t i) const { return sent_[i]; }
  const TcpSent& front() const { return sent_.front(); }
  const TcpSent& back() const { return sent_.back(); }
  // Whether anything that was sent again waits to be acknowledged: the oldest tells.
  bool any_resent() const { return resent_ > 0 || (!empty() && front().ever_resent); }

  void add(const TcpSent& segment) { sent_.push_back(segment); }
  // The first that ends after `seq`.
  std::size_t index_after(std::uint64_t seq) const;
  void pop();
  void mark_sacked(TcpSent& segment);
  void mark_lost(TcpSent& segment);
  void mark_resent(TcpSent& segment, base::Instant now);
  void forget_losses();

 private:
  void clear_resent(TcpSent& segment);
  void clear_lost(TcpSent& segment);
  TcpRing<TcpSent> sent_;
  std::uint32_t sacked_ = 0, lost_ = 0, resent_ = 0;
};

}  // namespace harness
