// How a window grows and what a loss leaves of it.
#include "harness/transport/tcp_cubic.h"

#include <gtest/gtest.h>

#include "harness/transport/tcp_clock.h"
#include "harness/transport/tcp_rtt.h"

namespace harness {
namespace {

using namespace base::literals;

constexpr base::Instant kBegin{1000s};

// A window's worth of acknowledgements each round trip, for `time`.
void pass(TcpCubic& cubic, TcpWindow& window, base::Instant& now, base::Duration time, base::Duration rtt) {
  for (const base::Instant end = now + time; now < end; now += rtt)
    for (std::uint32_t acked = 0, flight = window.cwnd; acked < flight; ++acked) cubic.on_acked(now, 1, window);
}

TEST(TcpCubic, KeepsSevenTenthsAfterALoss) {
  TcpCubic cubic;
  EXPECT_EQ(cubic.on_congestion(100), 70u);
  EXPECT_EQ(cubic.on_congestion(1), 2u) << "never less than two";
}

TEST(TcpCubic, IsBackAtTheOldWindowAfterTheTimeThatItsCurveGives) {
  TcpCubic cubic;
  TcpWindow window{.cwnd = 70, .threshold = 70, .credit = 0};
  cubic.on_congestion(100);
  base::Instant now = kBegin;
  pass(cubic, window, now, 4s, 100ms);  // K = cbrt(30 / 0.4) = 4.2 s
  EXPECT_NEAR(window.cwnd, 100, 4);
}

TEST(TcpCubic, GrowsNoSlowerThanRenoOnAShortRoundTrip) {
  TcpCubic cubic;
  TcpWindow window{.cwnd = 14, .threshold = 14, .credit = 0};
  cubic.on_congestion(20);
  base::Instant now = kBegin;
  pass(cubic, window, now, 400ms, 10ms);
  // Reno's window (0.53 segments a round trip) is at 35 and followed at a distance of a round trip or two; CUBIC's curve is at 16.
  EXPECT_NEAR(window.cwnd, 34, 2);
}

TEST(TcpCubic, SlowStartAddsASegmentForEachAcknowledged) {
  TcpCubic cubic;
  TcpWindow window;
  cubic.on_acked(kBegin, 10, window);
  EXPECT_EQ(window.cwnd, 20u);
}

TEST(TcpCubic, ARisingRoundTripEndsSlowStart) {
  TcpCubic cubic;
  TcpWindow window{.cwnd = 40};
  base::Instant now = kBegin;
  cubic.on_rtt(now, 40ms, 1, 1000, window);
  for (int i = 0; i < 20; ++i) cubic.on_rtt(now += 5ms, 50ms, 2000, 3000, window);
  EXPECT_EQ(window.threshold, 40u);
}

TEST(TcpCubic, ASteadyRoundTripDoesNot) {
  TcpCubic cubic;
  TcpWindow window{.cwnd = 40};
  base::Instant now = kBegin;
  cubic.on_rtt(now, 40ms, 1, 1000, window);
  for (int i = 0; i < 20; ++i) cubic.on_rtt(now += 5ms, 42ms, 2000, 3000, window);
  EXPECT_EQ(window.threshold, TcpWindow::kNoThreshold);
}

TEST(TcpRtt, TheTimeoutNeverFallsBelowTheRoundTripAnd200Ms) {
  TcpRtt rtt;
  for (std::uint64_t i = 1; i < 100; ++i) rtt.add(50ms, i * 10, i * 10 + 5);
  EXPECT_NEAR(base::to_milliseconds(rtt.rto()), 250, 1);
}

TEST(TcpRtt, AJumpOfTheRoundTripRaisesTheTimeoutAtOnce) {
  TcpRtt rtt;
  rtt.add(50ms, 0, 1);
  rtt.add(1s, 10, 20);
  EXPECT_GT(rtt.rto(), 1s);
}

TEST(TcpClock, TimersNeverFireEarly) {
  for (const base::Duration delay : {1ms, 40ms, 251ms, 1000ms, 30'000ms})
    for (int phase = 0; phase < 40; ++phase) {
      const base::Instant now = kBegin + phase * 1ms;
      EXPECT_GE(wheel_expiry(now, delay), now + delay);
      EXPECT_LE(wheel_expiry(now, delay), now + delay + std::max<base::Duration>(8ms, delay / 7));
    }
}

}  // namespace
}  // namespace harness
