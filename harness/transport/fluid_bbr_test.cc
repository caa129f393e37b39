#include "harness/transport/fluid_bbr.h"

#include <gtest/gtest.h>

namespace harness {
namespace {

using namespace std::chrono_literals;

static_assert(sizeof(FluidBbr) == sizeof(FluidTcp));

constexpr double kBbrTrip = 0.1;  // seconds

FluidTcp fresh_bbr() { return FluidTcp{10, CongestionControl::kBbr}; }

// A round over a link that takes `spacing` seconds for a packet.
FluidTcp::Round round_over(const FluidTcp& tcp, double spacing) {
  const double took = std::max({kBbrTrip, tcp.window() * spacing, tcp.window() * tcp.paced()});
  return {.acked = tcp.window(), .took = took, .base = kBbrTrip, .spacing = spacing};
}

FluidTcp after_rounds(int rounds, double spacing, FluidTcp tcp = fresh_bbr()) {
  for (int i = 0; i < rounds; ++i) tcp.grow(round_over(tcp, spacing));
  return tcp;
}

TEST(FluidBbr, IsToldFromCubic) {
  EXPECT_TRUE(fresh_bbr().is_bbr());
  EXPECT_FALSE(FluidTcp{}.is_bbr());
  FluidTcp cubic;
  cubic.lose(5, 5);
  cubic.time_out();
  EXPECT_FALSE(cubic.is_bbr());
}

TEST(FluidBbr, CubicIsNotPaced) { EXPECT_EQ(FluidTcp{}.paced(), 0); }

TEST(FluidBbr, DoublesEachRoundAtFirst) {
  EXPECT_EQ(after_rounds(1, 1e-4).window(), 20);
  EXPECT_EQ(after_rounds(4, 1e-4).window(), 160);
}

TEST(FluidBbr, SpreadsARoundOverMostOfARoundTrip) {
  const FluidTcp tcp = after_rounds(4, 1e-4);
  EXPECT_NEAR(tcp.window() * tcp.paced(), kBbrTrip, 0.1 * kBbrTrip);
}

TEST(FluidBbr, KeepsWhatTheLinkHoldsOnceItIsFull) {
  const FluidTcp tcp = after_rounds(12, 0.001);
  EXPECT_FALSE(tcp.in_slow_start());
  EXPECT_TRUE(tcp.fills(0.001));
  EXPECT_NEAR(tcp.window(), 101 + 6, 1) << "a round trip's packets, and three bursts of two";
}

TEST(FluidBbr, LeavesStartupThreeRoundsAfterTheLastGrowth) {
  int rounds = 0;
  for (FluidTcp tcp = fresh_bbr(); tcp.in_slow_start(); ++rounds) tcp.grow(round_over(tcp, 0.001));
  EXPECT_EQ(rounds, 8) << "10, 20, 40 and 80 packets, 100 a round trip at the fifth, and three more";
}

TEST(FluidBbr, LossesDoNotChangeItsRate) {
  FluidTcp tcp = after_rounds(12, 0.001);
  const double before = tcp.paced();
  for (int i = 0; i < 5; ++i) {
    tcp.lose(0, 50);
    tcp.grow_despite_losses(round_over(tcp, 0.001));
  }
  EXPECT_TRUE(tcp.fills(0.001));
  EXPECT_GT(before, 0);
  EXPECT_GE(tcp.window(), 100);
}

TEST(FluidBbr, ATimeoutCostsARoundAndNoRate) {
  FluidTcp tcp = after_rounds(12, 0.001);
  tcp.time_out();
  EXPECT_EQ(tcp.window(), 1);
  tcp.grow(round_over(tcp, 0.001));
  EXPECT_GE(tcp.window(), 100);
}

TEST(FluidBbr, TakesTenRoundsToBelieveThatTheLinkIsSlower) {
  FluidTcp tcp = after_rounds(12, 0.001);
  int rounds = 0;
  for (; !tcp.fills(0.004) && rounds < 30; ++rounds) {
    EXPECT_LE(tcp.window(), 2 * 1000 * (kBbrTrip + 0.004) + 7) << "twice what it holds the link for";
    tcp.grow(round_over(tcp, 0.004));
  }
  EXPECT_NEAR(rounds, 8, 3) << "after the last that was as good";
}

TEST(FluidBbr, ProbesForMoreAQuarterAtATime) {
  FluidTcp tcp = after_rounds(12, 0.004);
  int rounds = 0;
  for (; !tcp.fills(0.001) && rounds < 100; ++rounds) tcp.grow(round_over(tcp, 0.001));
  EXPECT_NEAR(rounds, 10, 4) << "to four times the rate by 15 % a round, once the phase of probing has come";
}

TEST(FluidBbr, LooksForTheRoundTripEveryTenSeconds) {
  FluidTcp tcp = after_rounds(12, 0.001);
  EXPECT_NEAR(tcp.packets_until(0, kBbrTrip, 0.001), 8'300, 300) << "at 1,000 a second, less the 1.7 seconds that were";
  for (int i = 0; tcp.window() > 4 && i < 200; ++i) tcp.grow(round_over(tcp, 0.001));
  int small = 0;
  for (; tcp.window() == 4 && small < 20; ++small) tcp.grow(round_over(tcp, 0.001));
  EXPECT_NEAR(small, 2, 1) << "200 ms";
  EXPECT_TRUE(tcp.fills(0.001));
}

TEST(FluidBbr, APauseCostsNothing) {
  FluidTcp tcp = after_rounds(12, 0.001);
  const double before = tcp.window();
  tcp.resume(20s, 300ms, 10);
  EXPECT_EQ(tcp.window(), before);
  EXPECT_NEAR(tcp.packets_until(0, kBbrTrip, 0.001), 10'000, 1) << "the round trip was seen anew";
}

TEST(FluidBbr, ALinkWithoutLimitsIsNoTrouble) {
  FluidTcp tcp = fresh_bbr();
  tcp.grow({.acked = 10});
  EXPECT_EQ(tcp.window(), 10);
}

TEST(FluidBbr, GrowsNoFurtherThanAReceiverHasRoom) { EXPECT_LE(after_rounds(30, 1e-7).window(), 14'483); }

}  // namespace
}  // namespace harness
