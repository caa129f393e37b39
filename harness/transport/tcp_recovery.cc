// TcpSender: how losses are found, what they cost, how they are repaired, and what undoes it.
#include <algorithm>

#include "harness/transport/tcp_sender.h"

namespace harness {

using base::Duration;
using base::Instant;

// RFC 8985, 6.2, step 4; no window once a recovery runs or as many segments are missing as make one (TCP_RACK_NO_DUPTHRESH unset).
Duration TcpSender::reordering_window() const {
  if (!reordering_seen_ && (state_ >= State::kRecovery || flight_.sacked() >= reordering_)) return {};
  return std::min(min_rtt_.value() / 4 * duplicate_steps_, rtt_.smoothed());
}

// Marks what is lost. Returns: how long to wait for the last of those that may yet be; zero: there is none.
Duration TcpSender::find_losses(Instant now) {
  const Duration window = reordering_window();
  Duration wait{};
  for (std::size_t i = 0; i < flight_.packets(); ++i) {
    TcpSent& segment = flight_[i];
    if (segment.sacked || (segment.lost && !segment.resent)) continue;
    if (segment.at > rack_sent_ || (segment.at == rack_sent_ && segment.end() >= rack_end_)) continue;
    const Duration left = rack_rtt_ + window - (now - segment.at);
    if (left <= Duration{}) {
      flight_.mark_lost(segment);
      ++losses_;
    }
    wait = std::max(wait, left);
  }
  return wait;
}

void TcpSender::identify_losses(Instant now, News& news) {
  if (!rack_advanced_) return;
  rack_advanced_ = false;
  const std::uint32_t resent = flight_.resent();
  const Duration wait = find_losses(now);
  if (flight_.resent() < resent) news.retransmission_lost = true;
  if (wait == Duration{}) return;
  set_timer(now, Timer::kReordering, wait + kTcpTimerSlack);
  news.rearm = false;
}

void TcpSender::enter_recovery() {
  prior_threshold_ = 0;
  begin_undo();
  if (!in_reduction()) {
    prior_threshold_ = threshold_now();
    begin_reduction();
  }
  state_ = State::kRecovery;
}

// tcp_init_undo: a tail loss probe on its way counts as a retransmission.
void TcpSender::begin_undo() {
  has_undo_ = true;
  undo_from_ = una_;
  const auto resent = static_cast<std::int32_t>(flight_.resent()) + (probe_end_ != 0 && probe_was_old_ ? 1 : 0);
  undo_resent_ = resent > 0 ? resent : -1;
}

void TcpSender::begin_reduction() {
  high_seq_ = next_seq_;
  probe_end_ = 0;
  window_.credit = 0;
  prior_window_ = window_.cwnd;
  reduction_delivered_ = reduction_sent_ = 0;
  window_.threshold = threshold_after_congestion();
}

std::uint32_t TcpSender::threshold_after_congestion() {
  if (!bbr_) return cubic_.on_congestion(window_.cwnd);
  bbr_->on_congestion(window_.cwnd);
  return window_.threshold;
}

void TcpSender::end_reduction() {
  if (bbr_) return;
  if (window_.threshold < TcpWindow::kNoThreshold && (state_ == State::kReduced || has_undo_)) window_.cwnd = window_.threshold;
}

// Proportional rate reduction (RFC 6937, slow-start reduction bound).
void TcpSender::reduce(std::uint32_t delivered, bool newly_lost, bool advanced) {
  if (delivered == 0) return;
  reduction_delivered_ += delivered;
  const std::int64_t in_network = flight_.in_network(), threshold = window_.threshold;
  const std::int64_t room = threshold - in_network;
  const std::int64_t owed = std::int64_t{reduction_delivered_} - reduction_sent_;
  std::int64_t allowed = 0;
  if (room < 0)
    allowed = (threshold * reduction_delivered_ + prior_window_ - 1) / prior_window_ - reduction_sent_;
  else
    allowed = std::min(room, std::max<std::int64_t>(owed, delivered) + (advanced && !newly_lost ? 1 : 0));
  allowed = std::max<std::int64_t>(allowed, reduction_sent_ > 0 ? 0 : 1);
  window_.cwnd = static_cast<std::uint32_t>(std::max<std::int64_t>(in_network + allowed, 1));
}

void TcpSender::enter_loss(Instant now) {
  const bool is_new = state_ < State::kRecovery;
  for (std::size_t i = 0; i < flight_.packets(); ++i) {
    TcpSent& segment = flight_[i];
    if (segment.sacked || (segment.lost && !segment.resent)) continue;
    if (i > 0 && rack_rtt_ > now - segment.at) continue;  // sent recently
    flight_.mark_lost(segment);
    ++losses_;
  }
  if (state_ <= State::kDisorder || high_seq_ <= una_ || (state_ == State::kLoss && timeouts_in_row_ == 0)) {
    prior_threshold_ = threshold_now();
    prior_window_ = window_.cwnd;
    window_.threshold = threshold_after_congestion();
    begin_undo();
  }
  if (bbr_)
    bbr_->on_timeout();
  else
    cubic_.on_timeout(now, next_seq_);
  window_.cwnd = flight_.in_network() + 1;
  window_.credit = 0;
  window_stamp_ = now;
  state_ = State::kLoss;
  high_seq_ = next_seq_;
  probe_end_ = 0;
  maybe_spurious_ = is_new || timeouts_in_row_ > 0;
}

// Every retransmission was reported as a duplicate, or the acknowledgement was sent before the first of them.
bool TcpSender::may_undo(const TcpSegment& ack) const { return has_undo_ && (undo_resent_ == 0 || was_delayed(ack)); }
bool TcpSender::was_delayed(const TcpSegment& ack) const { return first_resent_ != 0 && ack.echo != 0 && ack.echo < first_resent_; }

void TcpSender::undo(bool forget_losses) {
  if (forget_losses) flight_.forget_losses();
  if (prior_threshold_ != 0) {
    if (bbr_)
      bbr_->on_undo();
    else
      window_.cwnd = std::max(window_.cwnd, prior_window_);
    window_.threshold = std::max(window_.threshold, prior_threshold_);
  }
  has_undo_ = false;
  rack_advanced_ = true;  // what was called lost is judged anew
}

bool TcpSender::undo_loss(const TcpSegment& ack, bool spurious) {
  if (!spurious && !may_undo(ack)) return false;
  undo(true);
  timeouts_in_row_ = 0;
  state_ = State::kOpen;
  return true;
}

bool TcpSender::undo_duplicates() {
  if (!has_undo_ || undo_resent_ != 0) return false;
  undo(false);
  return true;
}

void TcpSender::keep_open() {
  const State next = flight_.sacked() + flight_.lost() > 0 || flight_.any_resent() ? State::kDisorder : State::kOpen;
  if (state_ == next) return;
  state_ = next;
  high_seq_ = next_seq_;
}

void TcpSender::resend_lost(Instant now, Out& out) {
  bool rearm = false;
  std::size_t next = 0;  // after the one that was resent last
  for (std::size_t i = 0; i < flight_.packets() && flight_.lost() > flight_.resent(); ++i) {
    if (flight_.in_network() >= window_.cwnd) break;
    TcpSent& segment = flight_[i];
    if (!segment.lost || segment.resent) continue;
    const bool joins = segment.joined && i > 0 && i == next;
    if (!joins && must_wait(now)) break;
    resend(now, segment, out);
    if (joins) end_burst(out);
    next = i + 1;
    if (in_reduction()) ++reduction_sent_;
    if (i == 0 && timer_ != Timer::kReordering) rearm = true;
  }
  if (rearm) set_timer(now, Timer::kTimeout, rto());
}

void TcpSender::resend(Instant now, TcpSent& segment, Out& out) {
  flight_.mark_resent(segment, now);
  if (bbr_) delivery_.on_sent(now, false, segment.rate);
  spread(now, 1, segment.length);
  last_sent_ = now;
  if (first_resent_ == 0) first_resent_ = tcp_stamp_of(now);
  undo_resent_ = std::max(undo_resent_, 0) + 1;
  ++retransmissions_;
  out.push_back(segment_of(segment));
}

void TcpSender::on_timeout(Instant now, Out& out) {
  if (flight_.empty()) return;
  enter_loss(now);
  ++timeouts_in_row_;
  ++timeouts_;
  resend(now, flight_[0], out);
  ++backoff_;
  set_timer(now, Timer::kTimeout, rto());
}

// RFC 8985, 7.3: something new if there is, else the last segment again.
void TcpSender::on_probe(Instant now, Out& out) {
  if (flight_.empty()) return;
  if (probe_end_ == 0) {
    probe_was_old_ = !send_one(now, false, out);
    if (probe_was_old_) {
      TcpSent& last = flight_[flight_.packets() - 1];
      last.ever_resent = true;
      last.at = last_sent_ = now;
      if (bbr_) delivery_.on_sent(now, false, last.rate);
      spread(now, 1, last.length);
      ++retransmissions_;
      out.push_back(segment_of(last));
    } else if (in_reduction()) {
      ++reduction_sent_;
    }
    probe_end_ = next_seq_;
    timer_ = Timer::kNone;  // from now; without a probe, from when the oldest was sent
  }
  arm_timeout(now);
}

void TcpSender::on_reordering_timeout(Instant now, Out& out) {
  if (flight_.empty()) return;
  const std::uint32_t before = flight_.in_network();
  const std::uint64_t losses = losses_;
  find_losses(now);
  if (flight_.in_network() != before) {
    if (state_ != State::kRecovery) {
      enter_recovery();
      if (!bbr_) reduce(1, losses_ > losses, false);
    }
    resend_lost(now, out);
  }
  if (timer_ != Timer::kTimeout) arm_timeout(now);
}

}  // namespace harness
