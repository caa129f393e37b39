#include "harness/transport/tcp_cubic.h"

#include <algorithm>
#include <cmath>

#include "harness/transport/tcp_clock.h"

namespace harness {
namespace {

using base::Duration;
using base::Instant;
using namespace std::chrono_literals;

// Linux 6.1 to 6.18, net/ipv4/tcp_cubic.c: module parameters and macros of the same meaning.
constexpr std::uint32_t kBeta = 717, kScale = 1024;  // of 1024
constexpr double kGrowth = 410.0 / 1024;             // C, segments per second cubed
constexpr std::uint32_t kFriendlyScale = 8 * (kScale + kBeta) / 3 / (kScale - kBeta);
constexpr std::uint32_t kHystartWindow = 16;
constexpr Duration kAckSpacing = 2ms;
constexpr Duration kAckDelay = 1ms;  // hystart_ack_delay() at less than 2 Gbit/s
constexpr int kSamples = 8;
constexpr Duration kLeastRise = 4ms, kMostRise = 16ms;
constexpr std::int64_t kJiffiesPerSecond = 1s / kJiffy;

}  // namespace

std::uint32_t TcpCubic::on_congestion(std::uint32_t cwnd) {
  epoch_ = 0;
  last_max_ = cwnd < last_max_ ? cwnd * (kScale + kBeta) / (2 * kScale) : cwnd;  // fast convergence
  return std::max(cwnd * kBeta / kScale, 2u);
}

void TcpCubic::on_timeout(Instant now, std::uint64_t next_seq) {
  *this = TcpCubic{};
  begin_round(now, next_seq);
}

void TcpCubic::on_idle_end(Instant now, Instant last_sent) {
  const std::int64_t idle = jiffies_of(now) - jiffies_of(last_sent);
  if (epoch_ != 0 && idle > 0) epoch_ = std::min(epoch_ + idle, jiffies_of(now));
}

void TcpCubic::on_rtt(Instant now, Duration rtt, std::uint64_t una, std::uint64_t next_seq, TcpWindow& window) {
  if (epoch_ != 0 && jiffies_of(now) - epoch_ < kJiffiesPerSecond) return;  // right after a recovery
  if (delay_min_ == Duration{} || rtt < delay_min_) delay_min_ = rtt;
  if (found_exit_ || !window.in_slow_start()) return;
  if (una > round_end_) begin_round(now, next_seq);
  if (window.cwnd >= kHystartWindow) look_for_exit(now, rtt, window);
}

void TcpCubic::begin_round(Instant now, std::uint64_t next_seq) {
  round_start_ = last_ack_ = now;
  round_end_ = next_seq;
  round_rtt_ = Duration::max();
  samples_ = 0;
}

void TcpCubic::look_for_exit(Instant now, Duration rtt, TcpWindow& window) {
  if (now - last_ack_ <= kAckSpacing) {
    last_ack_ = now;
    if (now - round_start_ > (delay_min_ + kAckDelay) / 2) found_exit_ = true;
  }
  round_rtt_ = std::min(round_rtt_, rtt);
  if (samples_ < kSamples)
    ++samples_;
  else if (round_rtt_ > delay_min_ + std::clamp(delay_min_ / 8, kLeastRise, kMostRise))
    found_exit_ = true;
  if (found_exit_) window.threshold = window.cwnd;
}

void TcpCubic::on_acked(Instant now, std::uint32_t acked, TcpWindow& window) {
  if (window.in_slow_start()) {
    const std::uint32_t grown = std::min(window.cwnd + acked, window.threshold);
    acked -= grown - window.cwnd;
    window.cwnd = grown;
    if (acked == 0) return;
  }
  update(now, window.cwnd, acked);
  if (window.credit >= acks_per_increase_) {
    window.credit = 0;
    ++window.cwnd;
  }
  window.credit += acked;
  window.cwnd += window.credit / acks_per_increase_;
  window.credit %= acks_per_increase_;
}

void TcpCubic::update(Instant at, std::uint32_t cwnd, std::uint32_t acked) {
  const std::int64_t now = jiffies_of(at);
  acked_ += acked;
  if (last_cwnd_ == cwnd && now - last_update_ <= kJiffiesPerSecond / 32) return;
  if (epoch_ == 0 || now != last_update_) {
    last_cwnd_ = cwnd;
    last_update_ = now;
    if (epoch_ == 0) begin_epoch(now, cwnd, acked);
    const std::uint32_t goal = target(now);
    acks_per_increase_ = goal > cwnd ? cwnd / (goal - cwnd) : 100 * cwnd;
    if (last_max_ == 0) acks_per_increase_ = std::min(acks_per_increase_, 20u);
  }
  be_friendly(cwnd);
  acks_per_increase_ = std::max(acks_per_increase_, 2u);
}

void TcpCubic::begin_epoch(std::int64_t now, std::uint32_t cwnd, std::uint32_t acked) {
  epoch_ = now;
  acked_ = acked;
  reno_cwnd_ = cwnd;
  origin_ = std::max(last_max_, cwnd);
  k_ = static_cast<std::int64_t>(std::cbrt((origin_ - cwnd) / kGrowth) * 1024);
}

// Where the cubic curve stands one (least) round trip from now.
std::uint32_t TcpCubic::target(std::int64_t now) const {
  const std::int64_t t = (now - epoch_ + (delay_min_ + kJiffy - Duration{1}) / kJiffy) * 1024 / kJiffiesPerSecond;
  const double off = static_cast<double>(std::abs(t - k_)) / 1024;
  const auto delta = static_cast<std::uint32_t>(std::min(kGrowth * off * off * off, 1e9));
  return t < k_ ? origin_ - std::min(delta, origin_) : origin_ + delta;
}

// No slower than Reno would be.
void TcpCubic::be_friendly(std::uint32_t cwnd) {
  const std::uint32_t per_segment = std::max(cwnd * kFriendlyScale / 8, 1u);
  while (acked_ > per_segment) {
    acked_ -= per_segment;
    ++reno_cwnd_;
  }
  if (reno_cwnd_ > cwnd) acks_per_increase_ = std::min(acks_per_increase_, cwnd / (reno_cwnd_ - cwnd));
}

}  // namespace harness
