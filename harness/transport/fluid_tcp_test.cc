#include "harness/transport/fluid_tcp.h"

#include <gtest/gtest.h>

namespace harness {
namespace {

using namespace base::literals;

static_assert(sizeof(FluidTcp) == 24);

constexpr double kFluidTrip = 0.1;  // seconds

// A round whose whole window is acknowledged; packets so far from each other that HyStart hears no train.
FluidTcp::Round full_round(const FluidTcp& tcp) {
  return {.acked = tcp.window(), .took = kFluidTrip, .base = kFluidTrip, .spacing = 0.003};
}

FluidTcp grown(int rounds) {
  FluidTcp tcp;
  for (int i = 0; i < rounds; ++i) tcp.grow(full_round(tcp));
  return tcp;
}

FluidTcp lost_at(int window) {
  FluidTcp tcp{window};
  tcp.lose(0, window - 1);
  return tcp;
}

TEST(FluidTcp, StartsWithTenPacketsAndDoublesThemEachRound) {
  EXPECT_EQ(FluidTcp{}.window(), 10);
  EXPECT_EQ(grown(1).window(), 20);
  EXPECT_EQ(grown(4).window(), 160);
}

TEST(FluidTcp, EndsSlowStartWhenPacketsWaitInTheQueue) {
  FluidTcp tcp = grown(2);
  FluidTcp::Round round = full_round(tcp);
  round.late = 0.013;  // an eighth of 103 ms is less
  tcp.grow(round);
  EXPECT_FALSE(tcp.in_slow_start());
  EXPECT_EQ(tcp.threshold(), 40 + 8) << "after eight acknowledgements; a new connection's are of one packet each";
}

TEST(FluidTcp, ALittleWaitingEndsNothing) {
  FluidTcp tcp = grown(2);
  FluidTcp::Round round = full_round(tcp);
  round.late = 0.012;
  tcp.grow(round);
  EXPECT_TRUE(tcp.in_slow_start());
}

TEST(FluidTcp, EndsSlowStartWhenAcknowledgementsFollowEachOtherForHalfARoundTrip) {
  FluidTcp tcp = grown(3);
  FluidTcp::Round round = full_round(tcp);
  round.spacing = 0.001;
  tcp.grow(round);
  EXPECT_FALSE(tcp.in_slow_start());
  EXPECT_EQ(tcp.threshold(), 80 + 51) << "(100 + 1 + 1) / 2 ms at a packet a millisecond";
}

TEST(FluidTcp, JitterPullsAcknowledgementsApart) {
  FluidTcp tcp = grown(3);
  FluidTcp::Round round = full_round(tcp);
  round.spacing = 0.001;
  round.jitter = 0.004;
  tcp.grow(round);
  EXPECT_TRUE(tcp.in_slow_start());
}

TEST(FluidTcp, ALossLeavesSeventyPercent) {
  const FluidTcp tcp = lost_at(100);
  EXPECT_EQ(tcp.window(), 70);
  EXPECT_FALSE(tcp.in_slow_start());
}

TEST(FluidTcp, SlowStartGoesOnUntilTheLossIsKnown) {
  FluidTcp tcp{100};
  tcp.lose(50, 99);
  EXPECT_EQ(tcp.window(), 105) << "0.7 of 150";
}

TEST(FluidTcp, RecoverySendsNoMoreThanArrivedAndThenDoubles) {
  FluidTcp tcp{100};
  tcp.lose(0, 20);
  EXPECT_EQ(tcp.window(), 20);
  tcp.grow(full_round(tcp));
  EXPECT_EQ(tcp.window(), 40);
  EXPECT_EQ(tcp.threshold(), 70);
}

TEST(FluidTcp, IsBackWhereItLostWhenTheCurveSaysSo) {
  FluidTcp tcp = lost_at(400);
  double seconds = 0;
  for (; tcp.window() < 399; seconds += kFluidTrip) tcp.grow(full_round(tcp));
  EXPECT_NEAR(seconds, std::cbrt(400 * 0.3 / 0.4), 1.5) << "K of RFC 9438, 4.2, less how flat the curve is there";
}

TEST(FluidTcp, IsNoSlowerThanRenoOverShortRoundTrips) {
  FluidTcp tcp = lost_at(20);
  for (int i = 0; i < 40; ++i) tcp.grow({.acked = tcp.window(), .took = 0.005, .base = 0.005, .spacing = 0.0001});
  EXPECT_NEAR(tcp.window(), 14 + 0.53 * 39, 2) << "half a packet a round trip (RFC 9438, 4.3)";
}

TEST(FluidTcp, WhatIsUndoneLeavesTheWindowAndALevelCurve) {
  FluidTcp tcp = lost_at(100), undone = tcp;
  for (FluidTcp* each : {&tcp, &undone})
    for (int i = 0; i < 60; ++i) each->grow(full_round(*each));
  const double before = undone.window();
  undone.undo();
  EXPECT_EQ(undone.window(), before);
  for (FluidTcp* each : {&tcp, &undone})
    for (int i = 0; i < 10; ++i) each->grow(full_round(*each));
  EXPECT_LT(undone.window() - before, (tcp.window() - before) / 2);
}

TEST(FluidTcp, SlowStartGoesOnAfterWhatIsUndone) {
  FluidTcp tcp = grown(2);
  tcp.undo();
  tcp.grow(full_round(tcp));
  EXPECT_EQ(tcp.window(), 80);
}

TEST(FluidTcp, ATimeoutBeginsAgain) {
  FluidTcp tcp{100};
  tcp.time_out();
  EXPECT_EQ(tcp.window(), 1);
  EXPECT_EQ(tcp.threshold(), 70);
}

TEST(FluidTcp, APauseShorterThanTheTimeoutChangesNothing) {
  FluidTcp tcp = grown(4);
  tcp.resume(300ms, 300ms, 10);
  EXPECT_EQ(tcp.window(), 160);
}

TEST(FluidTcp, IdleTimeHalvesTheWindowForEachTimeout) {
  FluidTcp tcp{160};
  tcp.lose(0, 159);
  tcp.resume(700ms, 300ms, 10);
  EXPECT_EQ(tcp.window(), 28) << "112 halved twice: 400 ms beyond the first timeout";
  EXPECT_EQ(tcp.threshold(), 112);
}

TEST(FluidTcp, IdleTimeLeavesTheInitialWindow) {
  FluidTcp tcp = grown(4);
  tcp.resume(100s, 300ms, 10);
  EXPECT_EQ(tcp.window(), 10);
}

TEST(FluidTcp, GrowsNoFurtherThanAReceiverHasRoom) { EXPECT_EQ(grown(20).window(), 14'483); }

// What one step says is what round for round makes.
TEST(FluidTcp, TellsHowManyPacketsItTakesToReachAWindow) {
  for (const int begin : {20, 60, 150})
    for (const double share : {0.8, 0.95, 1.2}) {
      FluidTcp tcp = lost_at(begin);
      const double limit = begin * share, spacing = kFluidTrip / begin, told = tcp.packets_until(limit, kFluidTrip, spacing);
      double packets = 0;
      for (; tcp.window() < limit; packets += tcp.window())
        tcp.grow({.acked = tcp.window(), .took = tcp.window() * spacing, .base = kFluidTrip, .spacing = spacing});
      EXPECT_NEAR(told / packets, 1, 0.25) << begin << " to " << limit;
    }
}

}  // namespace
}  // namespace harness
