// FluidTcp: the congestion window of one connection as a number that changes once a round trip: slow start from the initial window
// (RFC 6928) with HyStart, CUBIC (RFC 9438), restart after idle (RFC 2861), as TcpSender and TcpCubic have them packet by packet. Pure;
// 24 bytes, which are a FluidBbr's where the sender's congestion control is BBR. FluidLink says what a round brought; docs/tcp.md holds the
// two against each other.
#pragma once

#include <limits>

#include "base/time.h"
#include "harness/scenario/congestion_control.h"

namespace harness {

// A full packet on the link, and what of it is payload (tcp_segment.h).
constexpr double kFluidPacket = 1500;
// How many packets one acknowledgement covers (RFC 5681, 4.2).
constexpr double kFluidPerAck = 2;

class FluidTcp {
 public:
  // CUBIC's, as Linux has them (tcp_cubic.c); the report says them.
  static constexpr double kBetaKept = 717.0 / 1024;                                     // of the window, after a loss
  static constexpr double kCurve = 410.0 / 1024;                                        // C, packets per second cubed
  static constexpr double kHystartLeast = 16;                                           // packets
  static constexpr double kTrainSpacing = 0.002;                                        // seconds between acknowledgements of a train
  static constexpr double kLateShare = 1.0 / 8, kLeastLate = 0.004, kMostLate = 0.016;  // of a round trip; seconds
  // What a receive buffer of 32 MiB (tcp_rmem[2]) has room for (tcp_receiver.cc); its tuning keeps ahead of slow start.
  static constexpr double kMostWindow = 14'483;

  explicit FluidTcp(int initial_window = 10) : window_{static_cast<float>(initial_window)} {}
  FluidTcp(int initial_window, CongestionControl control);

  double window() const { return static_cast<double>(static_cast<int>(window_)); }  // whole packets
  double threshold() const { return static_cast<double>(threshold_); }
  bool in_slow_start() const { return window_ < threshold_; }
  bool is_bbr() const { return age_ <= kBbr; }

  // Before data are sent again. `rto`: the retransmission timeout.
  void resume(base::Duration idle, base::Duration rto, int initial_window);

  // What a round trip brought whose sender the window held back. Times in seconds.
  struct Round {
    double acked = 0;    // packets
    double took = 0;     // from its first packet to that of the next round
    double base = 0;     // round trip of an empty link
    double spacing = 0;  // from one packet of the flow to the next
    double late = 0;     // what its first packet waited in the queue
    double jitter = 0;   // standard deviation of the round trip
  };
  void grow(const Round& round);
  // After one of whose packets some were lost. BBR alone.
  void grow_despite_losses(const Round& round);
  // Packets were lost, once a round: `before` of its packets came before the first of those, and `arrived` in all. Recovery sends no
  // more than these tell of, and twice as many each round (RFC 6937's slow-start reduction bound).
  void lose(double before, double arrived);
  // Packets were called lost that were late, and it was undone (RFC 3522, 3708): the window is as it was, CUBIC's curve begins anew.
  void undo();
  // All that was out was lost.
  void time_out();

  // BBR's: seconds between the packets that it sends, zero for CUBIC and at the begin; whether it sends as fast as a link that takes so
  // long for a packet, and no faster.
  double paced() const { return is_bbr() ? pace() : 0; }
  bool fills(double spacing) const;

  // How many packets more until the window is `limit`, of BBR until it looks for the round trip, `spacing` seconds apart. Requires: not in
  // slow start.
  double packets_until(double limit, double base, double spacing) const;

 private:
  double pace() const;
  double exact() const { return static_cast<double>(window_); }
  double hystart_exit(const Round& round) const;
  void begin_epoch();
  void end_epoch();
  double curve(double age) const;  // CUBIC's, in packets
  double friendly(double rounds) const;

  static constexpr float kNone = std::numeric_limits<float>::infinity();
  static constexpr float kBbr = -2;  // what `age_` is at most
  float window_;
  float threshold_ = kNone;  // of slow start
  float last_max_ = 0;       // packets; 0: no loss yet
  float origin_ = 0;         // of the curve
  float k_ = 0;              // seconds from the begin of the epoch to the origin
  float age_ = -1;           // of the epoch, in seconds of activity; below zero: none
};

}  // namespace harness
