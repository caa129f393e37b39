#include "harness/transport/tcp_delivery_rate.h"

#include <algorithm>
#include <utility>

namespace harness {

using base::Duration;
using base::Instant;

// tcp_rate_skb_sent.
void TcpDeliveryRate::on_sent(Instant now, bool nothing_out, TcpRateStamp& stamp) {
  if (nothing_out) first_sent_ = delivered_at_ = now;
  stamp = {.delivered = delivered_, .delivered_at = delivered_at_, .first_sent = first_sent_, .app_limited = is_app_limited()};
}

// tcp_rate_skb_delivered.
void TcpDeliveryRate::on_delivered(Instant sent, std::uint64_t end, TcpRateStamp& stamp) {
  const TcpRateStamp left = std::exchange(stamp, {});
  if (left.delivered == 0) return;
  const bool is_later = sent > first_sent_ || (sent == first_sent_ && end > sample_end_);
  if (sample_.prior_delivered != 0 && !is_later) return;
  first_sent_ = sent;
  sample_end_ = end;
  prior_delivered_at_ = left.delivered_at;
  sample_.prior_delivered = left.delivered;
  sample_.app_limited = left.app_limited;
  sample_.interval = sent - left.first_sent;
}

// tcp_rate_gen.
TcpRateSample TcpDeliveryRate::finish(Instant now, std::uint32_t delivered, Duration least_rtt) {
  delivered_ += delivered;
  if (app_limited_ != 0 && delivered_ > app_limited_) app_limited_ = 0;
  if (delivered > 0) delivered_at_ = now;
  TcpRateSample sample = std::exchange(sample_, {});
  sample_end_ = 0;
  if (sample.prior_delivered == 0) return sample;
  sample.interval = std::max(sample.interval, now - prior_delivered_at_);
  if (sample.interval < least_rtt) sample.interval = {};
  sample.delivered = static_cast<std::uint32_t>(delivered_ - sample.prior_delivered);
  return sample;
}

}  // namespace harness
