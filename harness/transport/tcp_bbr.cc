#include "harness/transport/tcp_bbr.h"

#include <algorithm>

#include "harness/transport/tcp_clock.h"
#include "harness/transport/tcp_segment.h"

namespace harness {
namespace {

using base::Duration;
using base::Instant;
using namespace std::chrono_literals;

// Linux 6.1 to 6.18, net/ipv4/tcp_bbr.c: constants of the same meaning. Gains are of 256.
constexpr std::uint32_t kOne = 256;
constexpr std::uint32_t kHighGain = kOne * 2885 / 1000 + 1;
constexpr std::uint32_t kDrainGain = kOne * 1000 / 2885;
constexpr std::uint32_t kWindowGain = 2 * kOne;
constexpr std::array<std::uint32_t, 8> kPhaseGains{kOne * 5 / 4, kOne * 3 / 4, kOne, kOne, kOne, kOne, kOne, kOne};
constexpr std::uint32_t kPhases = kPhaseGains.size();
constexpr std::uint64_t kRandomPhases = 7;
constexpr std::uint32_t kBandwidthRounds = kPhases + 2;
constexpr std::uint64_t kFullGrowth = kOne * 5 / 4;
constexpr int kFullRounds = 3;
constexpr Duration kRttWindow = 10s;
constexpr Duration kProbeRttTime = 200ms;
constexpr std::uint32_t kProbeRttWindow = 4;
constexpr std::uint32_t kFirstWindow = 10;   // TCP_INIT_CWND
constexpr std::uint64_t kPacingMargin = 99;  // percent
constexpr std::uint64_t kLowRate = 150'000;  // bytes per second, below which packets leave one by one (bbr_min_tso_rate)
constexpr std::uint32_t kLargestBurst = 45;  // GSO_LEGACY_MAX_SIZE
constexpr std::uint32_t kAggregationRounds = 5;
constexpr std::uint32_t kMostAggregated = 0xFFFFF;
constexpr Duration kMostAggregation = 100ms;

constexpr std::uint64_t kUnit = 1u << 24;  // BW_UNIT

std::uint64_t microseconds(Duration time) { return static_cast<std::uint64_t>(std::max<std::int64_t>(time / 1us, 0)); }

std::uint64_t delivered_in(std::uint64_t bandwidth, Duration time) { return bandwidth * microseconds(time) / kUnit; }

// bbr_rate_bytes_per_sec.
std::uint64_t bytes_per_second(std::uint64_t bandwidth, std::uint64_t gain) {
  return (bandwidth * kTcpSegmentSize * gain / kOne * (1'000'000 / 100 * kPacingMargin)) / kUnit;
}

}  // namespace

// bbr_init.
void TcpBbr::on_established(Instant now, Duration rtt, const TcpWindow& window) {
  least_rtt_ = rtt;
  least_rtt_at_ = now;
  round_end_ = 1;
  update_gains();
  pacing_rate_ = bytes_per_second(window.cwnd * kUnit / std::max<std::uint64_t>(microseconds(rtt), 1), kHighGain);
}

// bbr_main.
void TcpBbr::on_ack(Instant now, const Ack& ack, TcpDeliveryRate& rate, TcpWindow& window) {
  update_bandwidth(ack, rate);
  update_aggregation(ack, rate, window.cwnd);
  update_phase(ack, rate);
  look_for_full_pipe(ack);
  look_for_drained_pipe(ack, rate, window);
  update_least_rtt(now, ack, rate, window);
  update_gains();
  update_pacing_rate(bandwidth(), pacing_gain_);
  update_window(ack, rate, window);
}

void TcpBbr::update_bandwidth(const Ack& ack, const TcpDeliveryRate& rate) {
  round_started_ = false;
  if (!ack.sample.is_valid()) return;
  if (ack.sample.prior_delivered >= round_end_) {
    round_end_ = rate.delivered();
    ++round_;
    round_started_ = true;
    conserves_packets_ = false;
  }
  const std::uint64_t found = ack.sample.delivered * kUnit / std::max<std::uint64_t>(microseconds(ack.sample.interval), 1);
  if (!ack.sample.app_limited || found >= bandwidth()) bandwidth_.add(kBandwidthRounds, round_, found);
}

// What acknowledgements bring beyond the rate, when they come in lumps (bbr_update_ack_aggregation).
void TcpBbr::update_aggregation(const Ack& ack, const TcpDeliveryRate& rate, std::uint32_t cwnd) {
  if (ack.delivered == 0 || !ack.sample.is_valid()) return;
  if (round_started_ && ++extra_rounds_ >= kAggregationRounds) {
    extra_rounds_ = 0;
    extra_index_ = 1 - extra_index_;
    extra_acked_[extra_index_] = 0;
  }
  std::uint64_t expected = delivered_in(bandwidth(), rate.delivered_at() - epoch_begun_);
  if (epoch_acked_ <= expected || epoch_acked_ + ack.delivered > kMostAggregated) {
    epoch_acked_ = 0;
    epoch_begun_ = rate.delivered_at();
    expected = 0;
  }
  epoch_acked_ += ack.delivered;
  const auto extra = static_cast<std::uint32_t>(std::min<std::uint64_t>(epoch_acked_ - expected, cwnd));
  extra_acked_[extra_index_] = std::max(extra_acked_[extra_index_], extra);
}

std::uint32_t TcpBbr::aggregation_window() const {
  if (!pipe_is_full_) return 0;
  const std::uint64_t most = delivered_in(bandwidth(), kMostAggregation);
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(std::max(extra_acked_[0], extra_acked_[1]), most));
}

void TcpBbr::update_phase(const Ack& ack, const TcpDeliveryRate& rate) {
  if (mode_ == Mode::kProbeBandwidth && is_phase_over(ack, rate.delivered_at())) next_phase(rate.delivered_at());
}

// bbr_is_next_cycle_phase.
bool TcpBbr::is_phase_over(const Ack& ack, Instant delivered_at) const {
  const bool is_full_length = delivered_at - phase_begun_ > least_rtt_;
  if (pacing_gain_ == kOne) return is_full_length;
  const std::uint32_t in_network = in_network_then(ack.prior_in_network, ack.wait);
  if (pacing_gain_ > kOne) return is_full_length && (ack.lost > 0 || in_network >= inflight(pacing_gain_));
  return is_full_length || in_network <= inflight(kOne);
}

void TcpBbr::next_phase(Instant delivered_at) {
  phase_ = (phase_ + 1) % kPhases;
  phase_begun_ = delivered_at;
}

// bbr_reset_probe_bw_mode: not with the second phase, which would only drain.
void TcpBbr::begin_probing(Instant delivered_at) {
  mode_ = Mode::kProbeBandwidth;
  phase_ = kPhases - 1 - static_cast<std::uint32_t>(random_.below(kRandomPhases));
  next_phase(delivered_at);
}

void TcpBbr::look_for_full_pipe(const Ack& ack) {
  if (pipe_is_full_ || !round_started_ || ack.sample.app_limited) return;
  if (bandwidth() >= full_bandwidth_ * kFullGrowth / kOne) {
    full_bandwidth_ = bandwidth();
    rounds_without_growth_ = 0;
    return;
  }
  pipe_is_full_ = ++rounds_without_growth_ >= kFullRounds;
}

void TcpBbr::look_for_drained_pipe(const Ack& ack, const TcpDeliveryRate& rate, TcpWindow& window) {
  if (mode_ == Mode::kStartup && pipe_is_full_) {
    mode_ = Mode::kDrain;
    window.threshold = inflight(kOne);
  }
  if (mode_ == Mode::kDrain && in_network_then(ack.in_network, ack.wait) <= inflight(kOne)) begin_probing(rate.delivered_at());
}

void TcpBbr::update_least_rtt(Instant now, const Ack& ack, TcpDeliveryRate& rate, TcpWindow& window) {
  const bool expired = jiffies_of(now) > jiffies_of(least_rtt_at_) + kRttWindow / kJiffy;
  if (ack.rtt > Duration{} && (ack.rtt < least_rtt_ || (expired && !ack.may_be_delayed))) {
    least_rtt_ = ack.rtt;
    least_rtt_at_ = now;
  }
  if (expired && !idle_restart_ && mode_ != Mode::kProbeRtt) {
    mode_ = Mode::kProbeRtt;
    save_window(window.cwnd);
    probe_rtt_done_at_ = {};
  }
  if (mode_ == Mode::kProbeRtt) stay_in_probe_rtt(now, ack, rate, window);
  if (ack.sample.delivered > 0) idle_restart_ = false;
}

void TcpBbr::stay_in_probe_rtt(Instant now, const Ack& ack, TcpDeliveryRate& rate, TcpWindow& window) {
  rate.note_app_limited(ack.in_network);
  if (probe_rtt_done_at_ != Instant{}) {
    if (round_started_) probe_rtt_round_done_ = true;
    if (probe_rtt_round_done_) end_probe_rtt(now, rate.delivered_at(), window);
  } else if (ack.in_network <= kProbeRttWindow) {
    probe_rtt_done_at_ = now + kProbeRttTime;
    probe_rtt_round_done_ = false;
    round_end_ = rate.delivered();
  }
}

// bbr_check_probe_rtt_done.
void TcpBbr::end_probe_rtt(Instant now, Instant delivered_at, TcpWindow& window) {
  if (probe_rtt_done_at_ == Instant{} || jiffies_of(now) <= jiffies_of(probe_rtt_done_at_)) return;
  least_rtt_at_ = now;
  window.cwnd = std::max(window.cwnd, prior_window_);
  if (pipe_is_full_)
    begin_probing(delivered_at);
  else
    mode_ = Mode::kStartup;
}

void TcpBbr::update_gains() {
  switch (mode_) {
    case Mode::kStartup:
      pacing_gain_ = window_gain_ = kHighGain;
      return;
    case Mode::kDrain:
      pacing_gain_ = kDrainGain;
      window_gain_ = kHighGain;
      return;
    case Mode::kProbeBandwidth:
      pacing_gain_ = kPhaseGains[phase_];
      window_gain_ = kWindowGain;
      return;
    case Mode::kProbeRtt:
      pacing_gain_ = window_gain_ = kOne;
      return;
  }
}

void TcpBbr::update_pacing_rate(std::uint64_t bandwidth, std::uint32_t gain) {
  const std::uint64_t rate = bytes_per_second(bandwidth, gain);
  if (pipe_is_full_ || rate > pacing_rate_) pacing_rate_ = rate;
}

// bbr_tso_segs_goal, bbr_min_tso_segs: what a millisecond carries.
std::uint32_t TcpBbr::burst_size() const {
  constexpr std::uint64_t kPerSecond = 1024;  // sk_pacing_shift 10
  return static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>(pacing_rate_ / kPerSecond / kTcpSegmentSize, pacing_rate_ < kLowRate ? 1 : 2, kLargestBurst));
}

// Bandwidth times round trip (bbr_bdp).
std::uint32_t TcpBbr::product(std::uint32_t gain) const {
  return static_cast<std::uint32_t>((bandwidth() * microseconds(least_rtt_) * gain / kOne + kUnit - 1) / kUnit);
}

// And what waits in bursts at either end (bbr_quantization_budget).
std::uint32_t TcpBbr::with_bursts(std::uint32_t packets) const {
  packets = (packets + 3 * burst_size() + 1) & ~1u;
  return mode_ == Mode::kProbeBandwidth && phase_ == 0 ? packets + 2 : packets;
}

// When the pacer lets the next burst go (bbr_packets_in_net_at_edt).
std::uint32_t TcpBbr::in_network_then(std::uint32_t packets, Duration wait) const {
  if (pacing_gain_ > kOne) packets += burst_size();
  return packets - static_cast<std::uint32_t>(std::min<std::uint64_t>(delivered_in(bandwidth(), wait), packets));
}

// bbr_set_cwnd.
void TcpBbr::update_window(const Ack& ack, const TcpDeliveryRate& rate, TcpWindow& window) {
  std::uint32_t& cwnd = window.cwnd;
  if (ack.delivered > 0 && !conserve_packets(ack, rate, cwnd)) {
    const std::uint32_t target = with_bursts(product(window_gain_) + aggregation_window());
    if (pipe_is_full_)
      cwnd = std::min(cwnd + ack.delivered, target);
    else if (cwnd < target || rate.delivered() < kFirstWindow)
      cwnd += ack.delivered;
    cwnd = std::max(cwnd, kProbeRttWindow);
  }
  if (mode_ == Mode::kProbeRtt) cwnd = std::min(cwnd, kProbeRttWindow);
}

// In the first round of a recovery what is sent is what was delivered (bbr_set_cwnd_to_recover_or_restore). Returns: whether it is that
// one.
bool TcpBbr::conserve_packets(const Ack& ack, const TcpDeliveryRate& rate, std::uint32_t& cwnd) {
  using State = Ack::State;
  if (ack.lost > 0) cwnd = cwnd > ack.lost ? cwnd - ack.lost : 1;
  if (ack.state == State::kRecovery && prior_state_ != State::kRecovery) {
    conserves_packets_ = true;
    round_end_ = rate.delivered();
    cwnd = ack.in_network + ack.delivered;
  } else if (ack.state == State::kOpen && prior_state_ != State::kOpen) {
    cwnd = std::max(cwnd, prior_window_);
    conserves_packets_ = false;
  }
  prior_state_ = ack.state;
  if (conserves_packets_) cwnd = std::max(cwnd, ack.in_network + ack.delivered);
  return conserves_packets_;
}

// bbr_save_cwnd: recovery and PROBE_RTT cut the window for a while.
void TcpBbr::save_window(std::uint32_t cwnd) {
  const bool is_whole = prior_state_ == Ack::State::kOpen && mode_ != Mode::kProbeRtt;
  prior_window_ = is_whole ? cwnd : std::max(prior_window_, cwnd);
}

void TcpBbr::on_congestion(std::uint32_t cwnd) { save_window(cwnd); }

// bbr_set_state.
void TcpBbr::on_timeout() {
  prior_state_ = Ack::State::kLoss;
  full_bandwidth_ = 0;
  round_started_ = true;
}

// bbr_undo_cwnd.
void TcpBbr::on_undo() {
  full_bandwidth_ = 0;
  rounds_without_growth_ = 0;
}

// bbr_cwnd_event.
void TcpBbr::on_idle_end(Instant now, TcpWindow& window) {
  idle_restart_ = true;
  epoch_begun_ = now;
  epoch_acked_ = 0;
  if (mode_ == Mode::kProbeBandwidth)
    update_pacing_rate(bandwidth(), kOne);
  else if (mode_ == Mode::kProbeRtt)
    end_probe_rtt(now, now, window);
}

}  // namespace harness
