// FluidBbr: BBR, version 1, as a number of packets a round trip: what TcpBbr is packet by packet. A rate that is the most that was
// delivered in a round, and rounds of as many packets as that rate sends meanwhile: doubling in STARTUP until the rate has stopped growing
// for three rounds, then what the link holds and probing adds, and four for 200 ms when ten seconds are over. Pure; the 24 bytes of a
// FluidTcp, which says what is asked of both.
#pragma once

#include <cmath>
#include <limits>

#include "base/time.h"
#include "harness/transport/fluid_tcp.h"

namespace harness {

class FluidBbr {
 public:
  // As Linux has them (tcp_bbr.c); the report says them.
  static constexpr double kStartGain = 2.885, kCwndGain = 2;
  static constexpr double kProbeGain = 1.25, kRelaxGain = 0.75, kPhaseCount = 8;
  static constexpr double kStartGrowth = 1.25, kStartRounds = 3, kBestRounds = 10;
  static constexpr double kMarginKept = 0.99;
  static constexpr double kFewest = 4;                        // packets
  static constexpr double kProbeAfter = 10, kProbeFor = 0.2;  // seconds

  explicit FluidBbr(int initial_window) : window_{static_cast<float>(initial_window)} {}

  bool is_starting() const { return threshold_ > 0; }
  double rate() const { return static_cast<double>(rate_); }  // packets per second; zero: unknown
  // Seconds between packets as they are paced; zero: at once.
  double spacing() const;
  void resume(base::Duration idle);
  void grow(const FluidTcp::Round& round, bool lost = false);
  void lose(double arrived);
  void time_out();
  // Packets until the round trip is looked for, where one takes `spacing` seconds.
  double packets_until_probe(double spacing) const;
  // Sends no slower than a link that takes `spacing` seconds for a packet, nor much faster.
  bool fills(double spacing) const;

 private:
  // What a round tells.
  struct Told {
    double rtt = 0, rate = 0;
    bool lost = false;
  };
  void start_up(const FluidTcp::Round& round, const Told& told);
  void keep_up(const FluidTcp::Round& round, const Told& told);
  void note_sample(double rounds, double sample);
  double gain() const;
  double bursts() const;

  static constexpr float kStarting = std::numeric_limits<float>::infinity();
  float window_;
  float threshold_ = kStarting;  // as FluidTcp's; afterwards the most of the rounds since the best one, below zero
  float rate_ = 0;
  float mark_ = 0;     // STARTUP: the rate that had grown last; afterwards the phase of probing, 0 to 8
  float rounds_ = -1;  // since then, or since the best one; -1 less them before the first of an answer, which does not count
  float clock_ = -2;   // less the seconds since the least round trip was seen: what tells BBR in a FluidTcp
};

}  // namespace harness
