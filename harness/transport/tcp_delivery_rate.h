// TcpDeliveryRate: how fast a connection delivers (draft-cheng-iccrg-delivery-rate-estimation) as Linux samples it (net/ipv4/tcp_rate.c):
// of the packet sent last among those that an acknowledgement tells of, what was delivered from when it left until now, over the longer
// of the times in which that was sent and acknowledged. Pure.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace harness {

// What a packet remembers of when it left.
struct TcpRateStamp {
  std::uint64_t delivered = 0;  // packets until then; 0: not to be counted again
  base::Instant delivered_at{}, first_sent{};
  bool app_limited = false;
};

struct TcpRateSample {
  std::uint64_t prior_delivered = 0;  // when its packet left
  std::uint32_t delivered = 0;        // packets since
  base::Duration interval{};          // zero: no sample
  bool app_limited = false;           // the application had no more to send
  bool is_valid() const { return interval > base::Duration{}; }
};

class TcpDeliveryRate {
 public:
  void on_sent(base::Instant now, bool nothing_out, TcpRateStamp& stamp);
  // A packet sent at `sent` that ends at `end` arrived.
  void on_delivered(base::Instant sent, std::uint64_t end, TcpRateStamp& stamp);
  // After all of an acknowledgement: `delivered` packets in all. A sample shorter than a round trip can be is none.
  TcpRateSample finish(base::Instant now, std::uint32_t delivered, base::Duration least_rtt);
  // What is sent until what is out now has been delivered tells nothing of the link.
  void note_app_limited(std::uint32_t in_network) { app_limited_ = delivered_ + in_network; }

  std::uint64_t delivered() const { return delivered_; }
  base::Instant delivered_at() const { return delivered_at_; }
  bool is_app_limited() const { return app_limited_ != 0; }

 private:
  std::uint64_t delivered_ = 1;  // the SYN
  std::uint64_t app_limited_ = 0;
  base::Instant delivered_at_{}, first_sent_{};
  // Of the acknowledgement that is being looked at.
  std::uint64_t sample_end_ = 0;
  base::Instant prior_delivered_at_{};
  TcpRateSample sample_{};
};

}  // namespace harness
