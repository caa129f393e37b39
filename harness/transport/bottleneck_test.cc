#include "harness/transport/bottleneck.h"

#include <gtest/gtest.h>

namespace harness {
namespace {

using namespace base::literals;

constexpr base::Duration kOneTurn = Bottleneck::kTurn;
constexpr double kServedInATurn = 25'000;  // bytes that 10 Mbit/s carry in a turn

netem::ImpairmentSpec ten_megabits(const netem::QueueLimit& queue = 100ms) { return {.rate = 10_Mbps, .queue = queue}; }

TEST(Bottleneck, NobodyWaitsWhileLessComesThanItCarries) {
  Bottleneck link{ten_megabits()};
  for (int turn = 0; turn < 100; ++turn) EXPECT_EQ(link.pass(kOneTurn, kServedInATurn), Toll{});
}

TEST(Bottleneck, WhatIsTooMuchWaitsUntilThereIsRoomForIt) {
  Bottleneck link{ten_megabits()};
  EXPECT_EQ(link.pass(kOneTurn, 3 * kServedInATurn), (Toll{.wait = 40ms}));
  EXPECT_EQ(link.pass(kOneTurn, kServedInATurn), (Toll{.wait = 40ms}));
  EXPECT_EQ(link.pass(kOneTurn, 0), (Toll{.wait = 20ms}));
  EXPECT_EQ(link.pass(kOneTurn, 0), Toll{});
  EXPECT_EQ(link.pass(kOneTurn, 0), Toll{}) << "it does not carry ahead";
  EXPECT_EQ(link.pass(kOneTurn, 2 * kServedInATurn), (Toll{.wait = 20ms}));
}

TEST(Bottleneck, WaitsNoLongerThanItsQueueIsAndLosesTheRest) {
  Bottleneck link{ten_megabits()};
  const Toll full = link.pass(kOneTurn, 6.1 * kServedInATurn);
  EXPECT_EQ(full.wait, 100ms);
  EXPECT_NEAR(full.loss, 0.1 / 6.1, 0.0025) << "a tenth of a turn is beyond its room";
  EXPECT_TRUE(link.is_full());
  const Toll fuller = link.pass(kOneTurn, 50 * kServedInATurn);
  EXPECT_EQ(fuller.wait, 100ms);
  EXPECT_GT(fuller.loss, 0.8) << "ten times as much is there as it holds";
  EXPECT_LE(fuller.loss, 0.9);
}

// Over any time as much as its rate comes through, and what its queue holds.
TEST(Bottleneck, ItCarriesWhatItsRateIs) {
  Bottleneck link{ten_megabits()};
  double sent = 4 * kServedInATurn, came = 0;
  constexpr int kTurns = 1000;
  for (int turn = 0; turn < kTurns; ++turn) {
    const Toll toll = link.pass(kOneTurn, sent);
    came += sent;
    sent = 1.1 * kServedInATurn * (1 - toll.loss);  // who are not told, but lose
  }
  EXPECT_NEAR(came / kTurns, kServedInATurn, 0.02 * kServedInATurn);
}

TEST(Bottleneck, ABurstLosesALittleInEachTurn) {
  Bottleneck link{ten_megabits()};
  EXPECT_NEAR(link.pass(kOneTurn, 9 * kServedInATurn).loss, 0.2, 0.03) << "three of nine";
  EXPECT_GT(link.pass(kOneTurn, kServedInATurn).loss, 0);
}

TEST(Bottleneck, AQueueInBytesAndTheUsualOne) {
  Bottleneck short_one{ten_megabits(50'000_B)};
  EXPECT_EQ(short_one.pass(kOneTurn, 100 * kServedInATurn).wait, 40ms);
  Bottleneck usual{ten_megabits({})};
  EXPECT_EQ(usual.pass(kOneTurn, 100 * kServedInATurn).wait, 100ms);
}

TEST(Bottleneck, WithoutARateNothingHappens) { EXPECT_EQ(Bottleneck{netem::ImpairmentSpec{}}.pass(kOneTurn, 1e12), Toll{}); }

}  // namespace
}  // namespace harness
