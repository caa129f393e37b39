// TcpBbr: BBR, version 1, as Linux has it from 6.1 to 6.18 (net/ipv4/tcp_bbr.c): a model of the path, the most that was delivered in a
// second and the least round trip, from which the rate of sending and the congestion window follow. Losses change neither. Not modelled:
// the long-term rate of a policer (lt_bw), which takes two stretches of time in which a fifth of all is lost. Pure.
//
//   STARTUP --three rounds without 25 % more--> DRAIN --the queue is empty--> PROBE_BW: 1.25, 0.75, 1, 1, 1, 1, 1, 1 of the rate
//   any --10 s without a round trip as short--> PROBE_RTT: four packets for 200 ms --> STARTUP or PROBE_BW
#pragma once

#include <array>
#include <cstdint>

#include "base/random.h"
#include "base/time.h"
#include "harness/transport/tcp_cubic.h"
#include "harness/transport/tcp_delivery_rate.h"
#include "harness/transport/tcp_windowed_max.h"

namespace harness {

class TcpBbr {
 public:
  // `seed`: of the phase with which probing begins.
  explicit TcpBbr(std::uint64_t seed) : random_{seed} {}

  // What one acknowledgement told.
  struct Ack {
    TcpRateSample sample{};
    std::uint32_t delivered = 0, lost = 0;  // packets
    std::uint32_t in_network = 0, prior_in_network = 0;
    base::Duration rtt{};  // zero: none
    bool may_be_delayed = false;
    enum class State : std::uint8_t { kOpen, kRecovery, kLoss } state = State::kOpen;  // of the sender; kOpen: any other
    base::Duration wait{};                                                             // of the next packet for the pacer
  };
  // `rtt`: of the handshake.
  void on_established(base::Instant now, base::Duration rtt, const TcpWindow& window);
  void on_ack(base::Instant now, const Ack& ack, TcpDeliveryRate& rate, TcpWindow& window);
  // A recovery begins.
  void on_congestion(std::uint32_t cwnd);
  void on_timeout();
  void on_undo();
  // Something is sent after nothing was out, since the application had nothing.
  void on_idle_end(base::Instant now, TcpWindow& window);

  std::uint64_t pacing_rate() const { return pacing_rate_; }  // bytes per second
  // How many packets leave at once at that rate.
  std::uint32_t burst_size() const;

  enum class Mode : std::uint8_t { kStartup, kDrain, kProbeBandwidth, kProbeRtt };
  Mode mode() const { return mode_; }
  // Packets per microsecond, in parts of 2^24.
  std::uint64_t bandwidth() const { return bandwidth_.value(); }
  base::Duration least_rtt() const { return least_rtt_; }

 private:
  void update_bandwidth(const Ack& ack, const TcpDeliveryRate& rate);
  void update_aggregation(const Ack& ack, const TcpDeliveryRate& rate, std::uint32_t cwnd);
  void update_phase(const Ack& ack, const TcpDeliveryRate& rate);
  void look_for_full_pipe(const Ack& ack);
  void look_for_drained_pipe(const Ack& ack, const TcpDeliveryRate& rate, TcpWindow& window);
  void update_least_rtt(base::Instant now, const Ack& ack, TcpDeliveryRate& rate, TcpWindow& window);
  void stay_in_probe_rtt(base::Instant now, const Ack& ack, TcpDeliveryRate& rate, TcpWindow& window);
  void end_probe_rtt(base::Instant now, base::Instant delivered_at, TcpWindow& window);
  void begin_probing(base::Instant delivered_at);
  void next_phase(base::Instant delivered_at);
  bool is_phase_over(const Ack& ack, base::Instant delivered_at) const;
  void update_gains();
  void update_pacing_rate(std::uint64_t bandwidth, std::uint32_t gain);
  void update_window(const Ack& ack, const TcpDeliveryRate& rate, TcpWindow& window);
  bool conserve_packets(const Ack& ack, const TcpDeliveryRate& rate, std::uint32_t& cwnd);
  void save_window(std::uint32_t cwnd);
  std::uint32_t product(std::uint32_t gain) const;
  std::uint32_t with_bursts(std::uint32_t packets) const;
  std::uint32_t inflight(std::uint32_t gain) const { return with_bursts(product(gain)); }
  std::uint32_t in_network_then(std::uint32_t packets, base::Duration wait) const;
  std::uint32_t aggregation_window() const;

  base::Random random_;
  TcpWindowedMax bandwidth_{};
  std::uint64_t pacing_rate_ = 0;
  base::Duration least_rtt_{};
  base::Instant least_rtt_at_{};
  Mode mode_ = Mode::kStartup;
  Ack::State prior_state_ = Ack::State::kOpen;
  std::uint32_t pacing_gain_ = 0, window_gain_ = 0;  // of 256
  std::uint32_t prior_window_ = 0;                   // before recovery or PROBE_RTT

  std::uint32_t round_ = 0;
  std::uint64_t round_end_ = 0;  // delivered
  bool round_started_ = false;
  bool conserves_packets_ = false;
  bool idle_restart_ = false;

  bool pipe_is_full_ = false;
  int rounds_without_growth_ = 0;
  std::uint64_t full_bandwidth_ = 0;

  std::uint32_t phase_ = 0;
  base::Instant phase_begun_{};

  base::Instant probe_rtt_done_at_{};  // zero: four packets are not reached yet
  bool probe_rtt_round_done_ = false;

  base::Instant epoch_begun_{};  // of aggregation
  std::uint32_t epoch_acked_ = 0;
  std::array<std::uint32_t, 2> extra_acked_{};
  std::size_t extra_index_ = 0;
  std::uint32_t extra_rounds_ = 0;
};

}  // namespace harness
