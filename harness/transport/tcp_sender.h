// TcpSender: the sending half of one end of a connection as Linux does it from 6.1 to 6.18 (net/ipv4/tcp_{input,output,recovery,timer}.c):
// CUBIC or BBR, RACK-TLP (RFC 8985), proportional rate reduction (RFC 6937), retransmission timeouts (RFC 6298) with F-RTO (RFC 5682),
// undoing of what was no loss (RFC 3522, 3708), restart after idle (RFC 2861), growth only where the window was the limit (RFC 7661's
// concern), bursts of segments that the kernel sends as one (TSO), which BBR spreads by its rate, and for BBR
// what the kernel takes of an application at a time. Pure: segments go out by `out`, without
// what acknowledges the other direction. Not modelled: pacing of CUBIC (off where the device's queue is not fq), ECN, a peer that reneges,
// a window that closes altogether. docs/tcp.md holds it against the kernel.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/scenario/congestion_control.h"
#include "harness/transport/tcp_bbr.h"
#include "harness/transport/tcp_clock.h"
#include "harness/transport/tcp_cubic.h"
#include "harness/transport/tcp_delivery_rate.h"
#include "harness/transport/tcp_flight.h"
#include "harness/transport/tcp_pacer.h"
#include "harness/transport/tcp_rtt.h"
#include "harness/transport/tcp_segment.h"
#include "harness/transport/tcp_send_buffer.h"

namespace harness {

class TcpSender {
 public:
  using Out = std::vector<TcpSegment>;
  // `seed`: of BBR's chance.
  explicit TcpSender(int initial_window, CongestionControl control = CongestionControl::kCubic, std::uint64_t seed = 1);

  // `handshake`: its round trip.
  void on_established(base::Instant now, base::Duration handshake, std::uint32_t peer_window);
  // The application has `bytes` more to send; transmit() sends what may be sent.
  void write(base::Instant now, std::uint64_t bytes);
  void on_ack(base::Instant now, const TcpSegment& ack, Out& out);
  void transmit(base::Instant now, Out& out);
  base::Instant wakes_at() const { return awaits_pacer_ ? std::min(timer_at_, pacer_.next()) : timer_at_; }
  void wake(base::Instant now, Out& out);

  std::uint64_t next_seq() const { return next_seq_; }
  bool has_unacknowledged() const { return una_ < written_ || buffer_.waiting() > 0; }
  base::Duration rto() const { return backed_off_rto(); }
  base::Duration smoothed_rtt() const { return rtt_.smoothed(); }
  std::uint32_t window() const { return window_.cwnd; }
  std::uint32_t threshold() const { return window_.threshold; }
  std::uint64_t retransmissions() const { return retransmissions_; }
  std::uint64_t timeouts() const { return timeouts_; }
  const std::optional<TcpBbr>& bbr() const { return bbr_; }

 private:
  static constexpr std::uint32_t kUsualReordering = 3;  // packets (net.ipv4.tcp_reordering)
  // Linux's congestion states; kReduced (CWR) comes only from a tail loss that the probe repaired.
  enum class State { kOpen, kDisorder, kReduced, kRecovery, kLoss };
  enum class Timer { kNone, kTimeout, kProbe, kReordering };
  // What one acknowledgement brought.
  struct News {
    std::uint64_t prior_una = 0;
    std::uint64_t prior_highest_sacked = 0;
    std::uint32_t delivered = 0;
    std::uint32_t prior_in_network = 0;
    std::uint32_t lost_before = 0;  // total of losses
    bool advanced = false;          // una_
    bool window_moved = false;
    bool sacked = false;
    bool original_arrived = false;  // something never sent again, from before the last loss event
    bool retransmission_acked = false;
    bool retransmission_lost = false;
    bool duplicate_reported = false;
    bool probe_was_duplicate = false;
    bool rearm = false;
    std::uint64_t reordered_from = ~std::uint64_t{0};
    base::Instant first_acked{}, last_acked{}, first_sacked{}, last_sacked{};  // when they were sent; zero: none
    base::Duration congestion_rtt{};                                           // zero: none
    bool is_duplicate() const { return !advanced && !window_moved; }
  };

  void reset_round(base::Instant now);
  void look_at_sacks(base::Instant now, const TcpSegment& ack, News& news);
  void look_at_duplicate(const TcpRange& block, const TcpSegment& ack, News& news);
  void sack(base::Instant now, const TcpRange& block, News& news);
  void sack(base::Instant now, TcpSent& segment, News& news);
  void remove_acked(base::Instant now, const TcpSegment& ack, News& news);
  void note_delivery(base::Instant now, const TcpSent& segment);
  void measure(base::Instant now, const TcpSegment& ack, News& news);
  void note_reordering(const News& news);
  void end_probe(std::uint64_t ack, const News& news);
  enum class Resend { kNothing, kLost, kNewFirst };
  Resend change_state(base::Instant now, const TcpSegment& ack, News& news);
  Resend in_recovery(base::Instant now, const TcpSegment& ack, News& news);
  Resend in_loss(base::Instant now, const TcpSegment& ack, News& news, bool& go_on);
  Resend enter_if_lost(base::Instant now, News& news);
  void control(base::Instant now, const News& news);
  void control_by_bbr(base::Instant now, const News& news);

  // tcp_recovery.cc
  base::Duration reordering_window() const;
  base::Duration find_losses(base::Instant now);
  void identify_losses(base::Instant now, News& news);
  void enter_recovery();
  void begin_undo();
  void begin_reduction();
  void end_reduction();
  std::uint32_t threshold_after_congestion();
  void reduce(std::uint32_t delivered, bool newly_lost, bool advanced);
  void enter_loss(base::Instant now);
  bool may_undo(const TcpSegment& ack) const;
  bool was_delayed(const TcpSegment& ack) const;
  void undo(bool forget_losses);
  bool undo_loss(const TcpSegment& ack, bool spurious);
  bool undo_duplicates();
  void keep_open();
  void resend_lost(base::Instant now, Out& out);
  void resend(base::Instant now, TcpSent& segment, Out& out);
  void on_timeout(base::Instant now, Out& out);
  void on_probe(base::Instant now, Out& out);
  void on_reordering_timeout(base::Instant now, Out& out);

  std::uint32_t burst_size() const;
  bool should_defer(base::Instant now, std::uint32_t burst) const;
  std::uint32_t send_burst(base::Instant now, std::uint32_t most, Out& out);
  bool send_one(base::Instant now, bool joined, Out& out);
  static void end_burst(Out& out);
  void end_idle(base::Instant now);
  void spread(base::Instant now, std::uint32_t packets, std::uint64_t payload);
  bool must_wait(base::Instant now);
  void go_on(base::Instant now, Out& out);
  void send_window(base::Instant now, Out& out);
  void refill(base::Instant now, Out& out);
  bool is_app_limited() const;
  TcpSegment segment_of(const TcpSent& sent) const;
  void note_window_use(base::Instant now, bool limited);
  bool is_window_limited() const;
  std::uint32_t threshold_now() const;
  base::Duration backed_off_rto() const;
  void set_timer(base::Instant now, Timer kind, base::Duration delay);
  bool arm_probe(base::Instant now, bool rto_from_now);
  void arm_timeout(base::Instant now);
  base::Duration until_timeout(base::Instant now) const;
  bool in_reduction() const { return state_ == State::kReduced || state_ == State::kRecovery; }

  TcpFlight flight_;
  TcpCubic cubic_;
  std::optional<TcpBbr> bbr_{};  // in cubic_'s place
  TcpDeliveryRate delivery_;     // BBR's, as the next four
  TcpSendBuffer buffer_;
  TcpPacer pacer_;
  bool awaits_pacer_ = false;
  TcpWindow window_;
  TcpRtt rtt_;
  TcpMinRtt min_rtt_;
  std::uint64_t una_ = 0, next_seq_ = 0, written_ = 0;
  std::uint64_t peer_end_ = 0;  // of the peer's window
  std::uint32_t initial_window_;
  State state_ = State::kOpen;
  Timer timer_ = Timer::kNone;
  base::Instant timer_at_ = kTcpNever;
  int backoff_ = 0;  // doublings of the timeout
  int timeouts_in_row_ = 0;
  base::Instant last_sent_{};

  std::uint64_t high_seq_ = 0;  // next_seq_ at the last change of state
  std::uint32_t prior_window_ = 0, reduction_delivered_ = 0, reduction_sent_ = 0;
  std::uint32_t prior_threshold_ = 0;  // 0: nothing to return to
  bool has_undo_ = false;
  std::uint64_t undo_from_ = 0;
  std::int32_t undo_resent_ = -1;   // retransmissions not yet reported as duplicates; below zero: none was made
  std::uint32_t first_resent_ = 0;  // timestamp of the first retransmission since the state was open; 0: none
  bool maybe_spurious_ = false;     // F-RTO runs
  std::uint64_t probe_end_ = 0;     // next_seq_ when a tail loss probe went out; 0: none is out
  bool probe_was_old_ = false;

  base::Instant rack_sent_{};  // RFC 8985: RACK.xmit_ts, RACK.end_seq, RACK.rtt
  std::uint64_t rack_end_ = 0;
  base::Duration rack_rtt_{};
  bool rack_advanced_ = false;
  bool reordering_seen_ = false;
  std::uint32_t reordering_ = kUsualReordering;
  std::uint64_t highest_sacked_ = 0;
  std::uint32_t duplicate_steps_ = 1;  // of min_rtt/4 that the reordering window has grown to by DSACKs
  std::uint64_t duplicate_round_end_ = 0;
  std::uint64_t losses_ = 0, retransmissions_ = 0, timeouts_ = 0;
  std::uint64_t duplicates_ = 0;  // reported by the receiver

  bool window_limited_ = false;
  std::uint32_t most_packets_ = 0;
  std::uint64_t usage_round_end_ = 0;
  std::uint32_t window_used_ = 0;
  base::Instant window_stamp_{};
};

}  // namespace harness
