// TcpSender: what an acknowledgement brings, in the order of Linux's tcp_ack().
#include <algorithm>

#include "harness/transport/tcp_sender.h"

namespace harness {

using base::Duration;
using base::Instant;

void TcpSender::on_ack(Instant now, const TcpSegment& ack, Out& out) {
  if (ack.ack < una_ || ack.ack > next_seq_) return;
  News news{.prior_una = una_,
            .prior_highest_sacked = std::max(highest_sacked_, una_),
            .prior_in_network = flight_.in_network(),
            .lost_before = 0};
  const std::uint64_t losses_before = losses_;
  news.advanced = ack.ack > una_;
  news.window_moved = ack.length > 0 || ack.ack + ack.window > peer_end_ || news.advanced;
  if (news.advanced) timeouts_in_row_ = 0;
  una_ = ack.ack;
  peer_end_ = std::max(peer_end_, ack.ack + ack.window);
  const bool had_flight = !flight_.empty();
  look_at_sacks(now, ack, news);
  if (!had_flight) {
    if (news.duplicate_reported) change_state(now, ack, news);
    if (probe_end_ != 0) end_probe(ack.ack, news);
    return;
  }
  remove_acked(now, ack, news);
  measure(now, ack, news);
  note_reordering(news);
  if (probe_end_ != 0) end_probe(ack.ack, news);
  Resend next = Resend::kNothing;
  const bool dubious = news.is_duplicate() || news.sacked || news.duplicate_reported || state_ != State::kOpen;
  if (dubious) next = change_state(now, ack, news);
  if (news.rearm && !arm_probe(now, true)) arm_timeout(now);
  news.lost_before = static_cast<std::uint32_t>(losses_ - losses_before);
  control(now, news);
  if (next == Resend::kNothing) return;
  if (next == Resend::kNewFirst) {
    transmit(now, out);
    if (next_seq_ > high_seq_) return;
    maybe_spurious_ = false;
  }
  resend_lost(now, out);
}

void TcpSender::look_at_sacks(Instant now, const TcpSegment& ack, News& news) {
  if (una_ >= highest_sacked_) highest_sacked_ = 0;
  std::size_t i = 0;
  if (ack.duplicate_reported) look_at_duplicate(ack.sacks[i++], ack, news);
  for (; i < ack.sack_count; ++i) sack(now, ack.sacks[i], news);
}

void TcpSender::look_at_duplicate(const TcpRange& block, const TcpSegment& ack, News& news) {
  news.probe_was_duplicate = probe_end_ != 0 && block.end == probe_end_;
  if (++duplicates_ > retransmissions_) return;  // not ours: the network's (tcp_dsack_seen)
  news.duplicate_reported = true;
  if (!news.probe_was_duplicate && ack.ack > duplicate_round_end_) {
    duplicate_steps_ = std::min(duplicate_steps_ + 1, 255u);
    duplicate_round_end_ = next_seq_;
  }
  if (has_undo_ && undo_resent_ > 0 && block.end <= news.prior_una && block.end > undo_from_) --undo_resent_;
}

void TcpSender::sack(Instant now, const TcpRange& block, News& news) {
  for (std::size_t i = flight_.index_after(block.begin); i < flight_.packets(); ++i) {
    TcpSent& segment = flight_[i];
    if (segment.end() > block.end) return;
    if (segment.begin >= block.begin && !segment.sacked) sack(now, segment, news);
  }
}

void TcpSender::sack(Instant now, TcpSent& segment, News& news) {
  note_delivery(now, segment);
  if (bbr_) delivery_.on_delivered(segment.at, segment.end(), segment.rate);
  if (!segment.ever_resent) {
    if (segment.begin < news.prior_highest_sacked) news.reordered_from = std::min(news.reordered_from, segment.begin);
    if (segment.end() <= high_seq_) news.original_arrived = true;
    if (news.first_sacked == Instant{}) news.first_sacked = segment.at;
    news.last_sacked = segment.at;
  }
  flight_.mark_sacked(segment);
  news.sacked = true;
  ++news.delivered;
  highest_sacked_ = std::max(highest_sacked_, segment.begin);
}

void TcpSender::remove_acked(Instant now, const TcpSegment& ack, News& news) {
  while (!flight_.empty() && flight_.front().end() <= ack.ack) {
    TcpSent& segment = flight_[0];
    news.rearm = true;
    if (bbr_) delivery_.on_delivered(segment.at, segment.end(), segment.rate);
    if (segment.ever_resent) {
      news.retransmission_acked = true;
    } else if (!segment.sacked) {
      if (news.first_acked == Instant{}) news.first_acked = segment.at;
      news.last_acked = segment.at;
      if (segment.begin < news.prior_highest_sacked) news.reordered_from = std::min(news.reordered_from, segment.begin);
      if (segment.end() <= high_seq_) news.original_arrived = true;
    }
    if (!segment.sacked) {
      ++news.delivered;
      // The echo tells an original from its copy; that of a block's acknowledgement is older than either.
      const bool is_original = segment.ever_resent && ack.echo != 0 && ack.echo < tcp_stamp_of(segment.at);
      if (!is_original) note_delivery(now, segment);
    }
    flight_.pop();
  }
}

// RFC 8985, 6.2, steps 1 and 2.
void TcpSender::note_delivery(Instant now, const TcpSent& segment) {
  const Duration rtt = now - segment.at;
  if (segment.ever_resent && rtt < min_rtt_.value()) return;  // the original arrived
  rack_advanced_ = true;
  rack_rtt_ = rtt;
  if (segment.at > rack_sent_ || (segment.at == rack_sent_ && segment.end() > rack_end_)) {
    rack_sent_ = segment.at;
    rack_end_ = segment.end();
  }
}

void TcpSender::measure(Instant now, const TcpSegment& ack, News& news) {
  Duration rtt{};
  if (news.first_acked != Instant{} && !news.retransmission_acked) {
    rtt = now - news.first_acked;
    news.congestion_rtt = now - news.last_acked;
  }
  if (news.first_sacked != Instant{}) {
    if (rtt == Duration{}) rtt = now - news.first_sacked;
    news.congestion_rtt = now - news.last_sacked;
  }
  if (rtt == Duration{} && news.advanced && ack.echo != 0)
    rtt = news.congestion_rtt = std::chrono::milliseconds{tcp_stamp_of(now) - ack.echo};
  if (rtt == Duration{}) return;
  min_rtt_.add(now, news.congestion_rtt);
  rtt_.add(rtt, una_, next_seq_);
  backoff_ = 0;
  if (!news.rearm && news.first_sacked != Instant{} && !flight_.empty() && news.first_sacked < flight_.front().at) news.rearm = true;
  if (!bbr_) cubic_.on_rtt(now, news.congestion_rtt, una_, next_seq_, window_);
}

void TcpSender::note_reordering(const News& news) {
  if (news.reordered_from >= news.prior_highest_sacked || (state_ == State::kLoss && !has_undo_)) return;
  const std::uint64_t reach = (news.prior_highest_sacked - news.reordered_from) / kTcpSegmentSize + 1;
  reordering_ = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(reach, reordering_, 300));
  reordering_seen_ = true;
}

// RFC 8985, 7.4.
void TcpSender::end_probe(std::uint64_t ack, const News& news) {
  if (ack < probe_end_) return;
  if (!probe_was_old_ || news.probe_was_duplicate) {
    probe_end_ = 0;
  } else if (ack > probe_end_) {
    begin_reduction();
    state_ = State::kReduced;
    end_reduction();
    keep_open();
  } else if (news.is_duplicate() && !news.sacked) {
    probe_end_ = 0;
  }
}

void TcpSender::control(Instant now, const News& news) {
  if (bbr_) return control_by_bbr(now, news);
  if (in_reduction()) return reduce(news.delivered, news.lost_before > 0, news.advanced);
  const bool grows = news.advanced || (reordering_ > kUsualReordering && news.sacked);  // tcp_may_raise_cwnd
  if (!grows) return;
  window_stamp_ = now;
  if (is_window_limited()) cubic_.on_acked(now, news.delivered, window_);
}

// tcp_rate_gen, and tcp_cong_control where the algorithm decides of all.
void TcpSender::control_by_bbr(Instant now, const News& news) {
  using BbrState = TcpBbr::Ack::State;
  const TcpRateSample sample = delivery_.finish(now, news.delivered, min_rtt_.value());
  const bool is_small = news.first_acked != Instant{} && !news.retransmission_acked && una_ - news.prior_una < kTcpSegmentSize;
  const BbrState state = state_ == State::kRecovery ? BbrState::kRecovery : state_ == State::kLoss ? BbrState::kLoss : BbrState::kOpen;
  bbr_->on_ack(now,
               {.sample = sample,
                .delivered = news.delivered,
                .lost = news.lost_before,
                .in_network = flight_.in_network(),
                .prior_in_network = news.prior_in_network,
                .rtt = news.congestion_rtt,
                .may_be_delayed = is_small && sample.delivered == 1,
                .state = state,
                .wait = pacer_.wait(now)},
               delivery_, window_);
}

// Linux's tcp_fastretrans_alert().
TcpSender::Resend TcpSender::change_state(Instant now, const TcpSegment& ack, News& news) {
  if (state_ == State::kOpen) {
    first_resent_ = 0;
  } else if (una_ >= high_seq_) {
    if (state_ == State::kReduced && una_ != high_seq_) {
      end_reduction();
      state_ = State::kOpen;
    } else if (state_ == State::kRecovery) {
      if (may_undo(ack)) undo(false);
      state_ = State::kOpen;
      // The reduction ends unless it was undone.
      if (has_undo_ && !bbr_) window_.cwnd = window_.threshold;
    }
  }
  if (state_ == State::kRecovery) return in_recovery(now, ack, news);
  if (state_ == State::kLoss) {
    bool go_on = false;
    const Resend next = in_loss(now, ack, news, go_on);
    if (!go_on) return next;
  }
  return enter_if_lost(now, news);
}

TcpSender::Resend TcpSender::in_recovery(Instant now, const TcpSegment& ack, News& news) {
  if (news.advanced && has_undo_ && was_delayed(ack)) {  // a partial acknowledgement of originals
    if (flight_.resent() > 0) return Resend::kNothing;
    if (!flight_.any_resent()) first_resent_ = 0;
    undo(true);
    keep_open();
  }
  if (undo_duplicates()) keep_open();
  identify_losses(now, news);
  if (state_ != State::kRecovery) {
    if (flight_.lost() == 0) return Resend::kNothing;
    enter_recovery();
  }
  return Resend::kLost;
}

TcpSender::Resend TcpSender::in_loss(Instant now, const TcpSegment& ack, News& news, bool& go_on) {
  Resend next = Resend::kNothing;
  const bool recovered = una_ >= high_seq_;
  const bool undone = (news.advanced && undo_loss(ack, false)) || (maybe_spurious_ && news.original_arrived && undo_loss(ack, true));
  if (!undone) {
    const bool has_new = next_seq_ < written_ && peer_end_ > next_seq_;
    if (maybe_spurious_ && next_seq_ > high_seq_) {
      if (news.sacked || news.is_duplicate()) maybe_spurious_ = false;  // RFC 5682, 3.1, step 3a
    } else if (maybe_spurious_ && news.advanced && !recovered) {
      high_seq_ = next_seq_;
      if (has_new) next = Resend::kNewFirst;  // step 2b
      maybe_spurious_ = has_new;
    }
    if (next != Resend::kNewFirst && recovered) {
      if (may_undo(ack)) undo(false);
      state_ = State::kOpen;
    } else if (next != Resend::kNewFirst) {
      next = Resend::kLost;
    }
  }
  identify_losses(now, news);
  go_on = state_ == State::kOpen || news.retransmission_lost;
  return next;
}

TcpSender::Resend TcpSender::enter_if_lost(Instant now, News& news) {
  if (state_ <= State::kDisorder) undo_duplicates();
  identify_losses(now, news);
  if (flight_.lost() == 0) {
    if (!flight_.any_resent()) first_resent_ = 0;
    if (state_ != State::kReduced) keep_open();
    return Resend::kNothing;
  }
  enter_recovery();
  return Resend::kLost;
}

}  // namespace harness
