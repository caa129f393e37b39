// TcpEndpoint: one end of a TCP connection: the handshake, then a TcpSender and a TcpReceiver whose segments carry each other's news.
// Pure: time and segments come in, segments go out.
//
//   client: closed --connect()--> SYN sent --SYN-ACK--> established       server: listening --SYN--> SYN received --ACK--> established
#pragma once

#include "harness/transport/tcp_receiver.h"
#include "harness/transport/tcp_sender.h"

namespace harness {

class TcpEndpoint {
 public:
  using Out = TcpSender::Out;
  explicit TcpEndpoint(int initial_window, CongestionControl control = CongestionControl::kCubic, std::uint64_t seed = 1)
      : sender_{initial_window, control, seed} {}

  // The client's only; everything else is common.
  void connect(base::Instant now, Out& out);
  // Before the handshake is over it waits.
  void write(base::Instant now, std::uint64_t bytes, Out& out);
  void receive(base::Instant now, const TcpSegment& segment, Out& out);
  base::Instant wakes_at() const;
  void wake(base::Instant now, Out& out);

  bool is_established() const { return state_ == State::kEstablished; }
  std::uint64_t received() const { return receiver_.received(); }  // bytes in order
  const TcpSender& sender() const { return sender_; }

 private:
  enum class State { kIdle, kSynSent, kSynReceived, kEstablished };
  void send_handshake(base::Instant now, Out& out);
  void establish(base::Instant now, const TcpSegment& segment);
  void finish(base::Instant now, std::size_t first, Out& out);
  TcpReceiver::Timing timing() const { return {.rto = sender_.rto(), .smoothed_rtt = sender_.smoothed_rtt()}; }

  State state_ = State::kIdle;
  TcpSender sender_;
  TcpReceiver receiver_;
  base::Instant handshake_sent_{};
  base::Instant handshake_again_ = kTcpNever;
  int handshakes_ = 0;
};

}  // namespace harness
