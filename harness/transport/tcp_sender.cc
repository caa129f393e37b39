#include "harness/transport/tcp_sender.h"

#include <algorithm>

namespace harness {
namespace {

using base::Duration;
using base::Instant;

constexpr Duration kProbeSlack = 2 * kJiffy;  // TCP_TIMEOUT_MIN

}  // namespace

TcpSender::TcpSender(int initial_window) : initial_window_{static_cast<std::uint32_t>(initial_window)} { window_.cwnd = initial_window_; }

void TcpSender::on_established(Instant now, Duration handshake, std::uint32_t peer_window) {
  rtt_.add(handshake, una_, next_seq_);
  min_rtt_.add(now, handshake);
  peer_end_ = peer_window;
  window_stamp_ = last_sent_ = now;
}

void TcpSender::write(Instant now, std::uint64_t bytes) {
  written_ += bytes;
  if (!flight_.empty() || now - last_sent_ <= rto() || next_seq_ == 0) return;
  // Idle for longer than a timeout: half the window for each (tcp_cwnd_restart).
  window_.threshold = threshold_now();
  const std::uint32_t least = std::min(initial_window_, window_.cwnd);
  for (Duration idle = now - last_sent_ - rto(); idle > Duration{} && window_.cwnd > least; idle -= rto()) window_.cwnd /= 2;
  window_.cwnd = std::max(window_.cwnd, least);
  window_stamp_ = now;
  window_used_ = 0;
}

std::uint32_t TcpSender::threshold_now() const {
  return in_reduction() ? window_.threshold : std::max(window_.threshold, window_.cwnd / 2 + window_.cwnd / 4);
}

Duration TcpSender::backed_off_rto() const { return std::min<Duration>(rtt_.rto() * (1ll << std::min(backoff_, 12)), kTcpMostRto); }

void TcpSender::transmit(Instant now, Out& out) {
  const std::size_t before = out.size();
  while (flight_.in_network() < window_.cwnd && send_one(now, out)) continue;
  const auto sent = static_cast<std::uint32_t>(out.size() - before);
  const bool limited = flight_.in_network() >= window_.cwnd;
  if (sent > 0 || (limited && next_seq_ < written_)) note_window_use(now, limited);
  if (sent == 0) return;
  if (in_reduction()) reduction_sent_ += sent;
  arm_probe(now, false);
}

// Only what fits the peer's window as a whole.
bool TcpSender::send_one(Instant now, Out& out) {
  const auto length = static_cast<std::uint32_t>(std::min<std::uint64_t>(written_ - next_seq_, kTcpSegmentSize));
  if (length == 0 || next_seq_ + length > peer_end_) return false;
  if (flight_.in_network() == 0) cubic_.on_idle_end(now, last_sent_);
  const bool was_empty = flight_.empty();
  flight_.add({.begin = next_seq_, .length = length, .at = now});
  next_seq_ += length;
  last_sent_ = now;
  out.push_back(segment_of(flight_.back()));
  if (was_empty || timer_ == Timer::kNone) arm_timeout(now);
  return true;
}

TcpSegment TcpSender::segment_of(const TcpSent& sent) const {
  TcpSegment segment{.length = sent.length, .seq = sent.begin};
  if (sent.end() == written_) segment.flags |= TcpSegment::kPush;
  return segment;
}

// Remembers over each round trip whether the window was the limit (tcp_cwnd_validate).
void TcpSender::note_window_use(Instant now, bool limited) {
  if (una_ >= usage_round_end_ || limited || (!window_limited_ && flight_.packets() > most_packets_)) {
    window_limited_ = limited;
    most_packets_ = flight_.packets();
    usage_round_end_ = next_seq_;
  }
  if (is_window_limited()) {
    window_used_ = 0;
    window_stamp_ = now;
    return;
  }
  window_used_ = std::max(window_used_, flight_.packets());
  if (now - window_stamp_ < rto()) return;
  if (state_ == State::kOpen && std::max(window_used_, initial_window_) < window_.cwnd) {
    window_.threshold = threshold_now();
    window_.cwnd = (window_.cwnd + std::max(window_used_, initial_window_)) / 2;
  }
  window_used_ = 0;
  window_stamp_ = now;
}

bool TcpSender::is_window_limited() const {
  if (window_limited_) return true;
  return window_.in_slow_start() && window_.cwnd < 2 * most_packets_;
}

void TcpSender::set_timer(Instant now, Timer kind, Duration delay) {
  timer_ = kind;
  timer_at_ = kind == Timer::kNone ? kTcpNever : wheel_expiry(now, std::min(delay, kTcpMostRto));
}

void TcpSender::arm_timeout(Instant now) {
  if (flight_.empty()) return set_timer(now, Timer::kNone, {});
  const bool from_head = timer_ == Timer::kReordering || timer_ == Timer::kProbe;
  set_timer(now, Timer::kTimeout, from_head ? std::max(until_timeout(now), Duration{1000}) : rto());
}

Duration TcpSender::until_timeout(Instant now) const { return flight_.front().at + rto() - now; }

// Two round trips without an acknowledgement call for a probe (RFC 8985, 7; tcp_schedule_loss_probe).
bool TcpSender::arm_probe(Instant now, bool rto_from_now) {
  if (flight_.empty() || (state_ != State::kOpen && state_ != State::kReduced)) return false;
  Duration delay = std::chrono::seconds{1};
  if (rtt_.is_known()) delay = 2 * rtt_.smoothed() + (flight_.packets() == 1 ? kTcpLeastRto : kProbeSlack);
  const Duration timeout = rto_from_now ? rto() : until_timeout(now);
  if (timeout > Duration{}) delay = std::min(delay, timeout);
  set_timer(now, Timer::kProbe, delay);
  return true;
}

void TcpSender::wake(Instant now, Out& out) {
  if (now < timer_at_) return;
  const Timer kind = timer_;
  timer_ = Timer::kNone;
  timer_at_ = kTcpNever;
  if (kind == Timer::kTimeout) on_timeout(now, out);
  if (kind == Timer::kProbe) on_probe(now, out);
  if (kind == Timer::kReordering) on_reordering_timeout(now, out);
}

}  // namespace harness
