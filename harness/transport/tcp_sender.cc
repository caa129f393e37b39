#include "harness/transport/tcp_sender.h"

#include <algorithm>

namespace harness {
namespace {

using base::Duration;
using base::Instant;

constexpr std::uint32_t kLeastBurst = 2;  // tcp_min_tso_segs
constexpr std::uint32_t kMostBurst = 44;  // 64 KiB
constexpr Duration kSoon{1'000'000};      // tcp_tso_should_defer: a millisecond

}  // namespace

TcpSender::TcpSender(int initial_window, CongestionControl control, std::uint64_t seed)
    : initial_window_{static_cast<std::uint32_t>(initial_window)} {
  window_.cwnd = initial_window_;
  if (control == CongestionControl::kBbr) bbr_.emplace(seed);
}

void TcpSender::on_established(Instant now, Duration handshake, std::uint32_t peer_window) {
  rtt_.add(handshake, una_, next_seq_);
  min_rtt_.add(now, handshake);
  peer_end_ = peer_window;
  window_stamp_ = last_sent_ = now;
  if (bbr_) bbr_->on_established(now, handshake, window_);
}

void TcpSender::write(Instant now, std::uint64_t bytes) {
  if (bbr_) return buffer_.add(bytes);
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

// tcp_rate_check_app_limited.
bool TcpSender::is_app_limited() const {
  return written_ - next_seq_ < kTcpSegmentSize && flight_.in_network() < window_.cwnd && flight_.lost() <= flight_.resent();
}

std::uint32_t TcpSender::threshold_now() const {
  return in_reduction() ? window_.threshold : std::max(window_.threshold, window_.cwnd / 2 + window_.cwnd / 4);
}

Duration TcpSender::backed_off_rto() const { return std::min<Duration>(rtt_.rto() * (1ll << std::min(backoff_, 12)), kTcpMostRto); }

void TcpSender::transmit(Instant now, Out& out) {
  send_window(now, out);
  if (bbr_) refill(now, out);
}

// The application writes what the buffer has room for (tcp_check_space, tcp_sendmsg).
void TcpSender::refill(Instant now, Out& out) {
  if (buffer_.waiting() > 0 && flight_.in_network() < window_.cwnd && !flight_.empty()) buffer_.widen(window_.cwnd);
  const auto queue = [this] {
    return TcpSendBuffer::Queue{.unsent = written_ - next_seq_,
                                .out = flight_.packets(),
                                .burst = bbr_->burst_size(),
                                .peer_window = static_cast<std::uint32_t>(peer_end_ - una_)};
  };
  if (!buffer_.is_open(queue())) return;
  while (buffer_.has_room(queue())) {
    if (is_app_limited()) delivery_.note_app_limited(flight_.in_network());
    written_ += buffer_.take(queue());
    send_window(now, out);
  }
}

// tcp_write_xmit.
void TcpSender::send_window(Instant now, Out& out) {
  const std::uint32_t burst = burst_size();
  std::uint32_t sent = 0;
  bool deferred = false;
  while (flight_.in_network() < window_.cwnd) {
    if (next_seq_ < written_ && must_wait(now)) break;
    const bool is_last = written_ - next_seq_ <= kTcpSegmentSize;
    deferred = !is_last && should_defer(now, burst);
    if (deferred) break;
    const std::uint32_t most = std::min({burst, std::max(window_.cwnd / 2, 1u), window_.cwnd - flight_.in_network()});
    const std::uint32_t before = sent;
    sent += send_burst(now, most, out);
    if (sent == before) break;
  }
  const bool limited = deferred || flight_.in_network() >= window_.cwnd;
  if (!bbr_ && (sent > 0 || (limited && next_seq_ < written_))) note_window_use(now, limited);
  if (sent == 0) return;
  if (in_reduction()) reduction_sent_ += sent;
  arm_probe(now, false);
}

// What a millisecond carries at the rate that the kernel would pace at, which is twice the window in a round trip in slow start and
// 1.2 times afterwards; at least two (tcp_tso_autosize, tcp_update_pacing_rate, tcp_min_tso_segs).
std::uint32_t TcpSender::burst_size() const {
  constexpr std::uint64_t kPerSecond = 1024;  // sk_pacing_shift 10
  if (bbr_) return bbr_->burst_size();
  if (!rtt_.is_known()) return kLeastBurst;
  const std::uint64_t percent = window_.cwnd < window_.threshold / 2 ? 200 : 120;
  const auto round_trip = static_cast<std::uint64_t>(rtt_.smoothed().count());
  const std::uint64_t per_second =
      percent * std::max(window_.cwnd, flight_.packets()) * 10'000'000 / std::max<std::uint64_t>(round_trip, 1);
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(per_second / kPerSecond, kLeastBurst, kMostBurst));
}

// Less than a burst waits where the next acknowledgement, which will make room for a whole one, is due within a millisecond
// (tcp_tso_should_defer).
bool TcpSender::should_defer(Instant now, std::uint32_t burst) const {
  const Instant recent = bbr_ ? pacer_.next() : last_sent_;
  if (state_ >= State::kRecovery || now - recent > kSoon || flight_.empty()) return false;
  const std::uint64_t send_window = peer_end_ > next_seq_ ? peer_end_ - next_seq_ : 0;
  const std::uint64_t limit = std::min<std::uint64_t>(send_window, std::uint64_t{window_.cwnd - flight_.in_network()} * kTcpSegmentSize);
  if (limit >= std::uint64_t{burst} * kTcpSegmentSize) return false;
  const std::uint64_t third = std::min(peer_end_ - una_, std::uint64_t{window_.cwnd} * kTcpSegmentSize) / 3;  // tcp_tso_win_divisor
  if (limit >= third) return false;
  return flight_.front().at + rtt_.smoothed() - now <= std::min<Duration>(rtt_.smoothed() / 2, kSoon);
}

// Segments that leave as one packet for the kernel; it marks the end of each with PSH (__tcp_transmit_skb).
std::uint32_t TcpSender::send_burst(Instant now, std::uint32_t most, Out& out) {
  const std::uint64_t first = next_seq_;
  std::uint32_t sent = 0;
  for (; sent < most && send_one(now, sent > 0, out); ++sent)
    if (sent > 0) end_burst(out);
  if (sent > 0) spread(now, sent, next_seq_ - first);
  return sent;
}

// The last segment is one of the burst of the one before it.
void TcpSender::end_burst(Out& out) {
  out[out.size() - 2].flags &= static_cast<std::uint8_t>(~TcpSegment::kPush);
  out.back().flags |= TcpSegment::kPush;
}

// Only what fits the peer's window as a whole.
bool TcpSender::send_one(Instant now, bool joined, Out& out) {
  const auto length = static_cast<std::uint32_t>(std::min<std::uint64_t>(written_ - next_seq_, kTcpSegmentSize));
  if (length == 0 || next_seq_ + length > peer_end_) return false;
  if (flight_.in_network() == 0) end_idle(now);
  const bool was_empty = flight_.empty();
  flight_.add({.begin = next_seq_, .length = length, .joined = joined, .at = now});
  if (bbr_) delivery_.on_sent(now, was_empty, flight_[flight_.packets() - 1].rate);
  next_seq_ += length;
  last_sent_ = now;
  out.push_back(segment_of(flight_.back()));
  if (was_empty || timer_ == Timer::kNone || timer_ == Timer::kProbe) arm_timeout(now);  // tcp_event_new_data_sent
  return true;
}

void TcpSender::end_idle(Instant now) {
  if (!bbr_)
    cubic_.on_idle_end(now, last_sent_);
  else if (delivery_.is_app_limited())
    bbr_->on_idle_end(now, window_);
}

void TcpSender::spread(Instant now, std::uint32_t packets, std::uint64_t payload) {
  if (bbr_) pacer_.on_sent(now, packets, payload, bbr_->pacing_rate());
}

// tcp_pacing_check.
bool TcpSender::must_wait(Instant now) {
  if (!bbr_ || !pacer_.holds(now)) return false;
  awaits_pacer_ = true;
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
  if (bbr_ && kind != Timer::kReordering) delay += pacer_.wait(now) / kJiffy * kJiffy;  // tcp_pacing_delay
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
  if (rtt_.is_known()) delay = 2 * rtt_.smoothed() + (flight_.packets() == 1 ? kTcpLeastRto : kTcpTimerSlack);
  const Duration timeout = rto_from_now ? rto() : until_timeout(now);
  if (timeout > Duration{}) delay = std::min(delay, timeout);
  set_timer(now, Timer::kProbe, delay);
  return true;
}

void TcpSender::wake(Instant now, Out& out) {
  if (awaits_pacer_ && !pacer_.holds(now)) go_on(now, out);
  if (now < timer_at_) return;
  timer_at_ = kTcpNever;
  switch (timer_) {  // the handlers find it as it was, and set the next
    case Timer::kNone:
      return;
    case Timer::kTimeout:
      return on_timeout(now, out);
    case Timer::kProbe:
      return on_probe(now, out);
    case Timer::kReordering:
      return on_reordering_timeout(now, out);
  }
}

// The pacer lets go (tcp_tsq_write).
void TcpSender::go_on(Instant now, Out& out) {
  awaits_pacer_ = false;
  if (flight_.lost() > flight_.resent() && window_.cwnd > flight_.in_network()) resend_lost(now, out);
  transmit(now, out);
}

}  // namespace harness
