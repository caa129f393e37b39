#include "harness/transport/tcp_rtt.h"

namespace harness {

using base::Duration;

void TcpRtt::add(Duration sample, std::uint64_t una, std::uint64_t next_seq) {
  sample = std::max(sample, Duration{1000});
  if (!is_known()) {
    smoothed8_ = sample * 8;
    deviation4_ = sample * 2;
    variance_ = deviation_max_ = std::max(deviation4_, kTcpLeastRto);
    round_end_ = next_seq;
    return;
  }
  const Duration error = sample - smoothed8_ / 8;
  smoothed8_ += error;
  Duration change = (error < Duration{} ? -error : error) - deviation4_ / 4;
  if (error < Duration{} && change > Duration{}) change /= 8;  // a falling round trip is no reason to wait longer
  deviation4_ += change;
  if (deviation4_ > deviation_max_) {
    deviation_max_ = deviation4_;
    variance_ = std::max(variance_, deviation_max_);
  }
  if (una <= round_end_) return;
  if (deviation_max_ < variance_) variance_ -= (variance_ - deviation_max_) / 4;
  round_end_ = next_seq;
  deviation_max_ = kTcpLeastRto;
}

void TcpMinRtt::add(base::Instant now, Duration sample) {
  if (now - since_ > std::chrono::seconds{300}) {
    before_ = now_;
    now_ = Duration::max();
    since_ = now;
  }
  now_ = std::min(now_, sample);
}

}  // namespace harness
