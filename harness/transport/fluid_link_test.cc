#include "harness/transport/fluid_link.h"

#include <gtest/gtest.h>

namespace harness {
namespace {

using namespace base::literals;
using base::ByteCount;
using base::Instant;

static_assert(sizeof(FluidOrder) == 1);

constexpr Instant kFluidBegin{1000s};
constexpr base::Duration kHalfTrip = 50ms;

class FluidLinkTest : public testing::Test {
 protected:
  static netem::ImpairmentSpec spec(const netem::Rate& rate, const netem::QueueLimit& queue = {}) {
    return {.rate = rate, .delay = kHalfTrip, .queue = queue};
  }
  FluidLink link(const netem::ImpairmentSpec& spec, std::uint64_t seed = 1, const netem::ImpairmentSpec& up = {}) {
    return {spec, kFluidBegin, base::Random{seed}, up, stock_};
  }
  // Of full packets.
  static ByteCount packets(std::int64_t count) { return ByteCount::bytes(count * 1448); }
  static Instant add(FluidLink& link, Instant at, std::uint32_t key, ByteCount size, int window = 10) {
    return link.add(at, at, {.key = key, .payload = size, .up_delay = kHalfTrip, .tcp = FluidTcp{window}, .in_order = true});
  }
  // When the only flow is complete.
  static double seconds(FluidLink& link) {
    Instant at = *link.next_completion();
    while (!link.is_complete(at, 1)) at = *link.next_completion();
    return base::to_seconds(at - kFluidBegin);
  }
  double seconds(const netem::ImpairmentSpec& spec, ByteCount size, int window = 10, std::uint64_t seed = 1) {
    FluidLink one = link(spec, seed);
    add(one, kFluidBegin, 1, size, window);
    return seconds(one);
  }

 private:
  FluidLink::Stock stock_;
};

netem::Rate trace_of(std::vector<netem::TraceStep> steps) {
  return std::make_shared<const netem::Trace>(netem::Trace{"trace", std::move(steps)});
}

// At 12 Mbit/s a packet takes a millisecond, and 100 are on an empty link.
TEST_F(FluidLinkTest, TheInitialWindowComesAtTheLinksRate) { EXPECT_NEAR(seconds(spec(12_Mbps), packets(10)), 0.010, 1e-6); }

TEST_F(FluidLinkTest, TheNextRoundComesARoundTripLaterAndIsTwiceAsLong) {
  EXPECT_NEAR(seconds(spec(12_Mbps), packets(11)), 0.100 + 0.002 + 0.001, 1e-6) << "the first acknowledgement is of two packets";
  EXPECT_NEAR(seconds(spec(12_Mbps), packets(30)), 0.100 + 0.002 + 0.020, 1e-6);
  EXPECT_NEAR(seconds(spec(12_Mbps), packets(70)), 0.204 + 0.040, 1e-6);
}

TEST_F(FluidLinkTest, AWindowThatCoversTheLinkFillsIt) { EXPECT_NEAR(seconds(spec(12_Mbps, 1'500'000_B), packets(2000), 150), 2, 1e-4); }

TEST_F(FluidLinkTest, AFullLinkTakesFewSteps) {
  netem::ImpairmentSpec deep = spec(12_Mbps, ByteCount::bytes(std::int64_t{1} << 40));
  FluidLink one = link(deep);
  add(one, kFluidBegin, 1, packets(100'000'000), 150);
  EXPECT_NEAR(seconds(one), 100'000, 1) << "in one look ahead, which is a thousand steps at most";
}

TEST_F(FluidLinkTest, AnUnlimitedLinkLeavesTheRoundTrips) {
  EXPECT_NEAR(seconds(spec(netem::Unlimited{}), packets(10)), 0, 1e-6);
  EXPECT_NEAR(seconds(spec(netem::Unlimited{}), packets(70)), 0.2, 1e-6);
}

TEST_F(FluidLinkTest, WhatComesIntoTheQueueAtOnceLeavesInItsOrder) {
  FluidLink two = link(spec(12_Mbps));
  add(two, kFluidBegin, 1, packets(5));
  add(two, kFluidBegin, 2, packets(10));
  EXPECT_NEAR(base::to_seconds(*two.next_completion() - kFluidBegin), 0.005, 1e-6);
  two.remove(*two.next_completion(), 1);
  EXPECT_NEAR(base::to_seconds(*two.next_completion() - kFluidBegin), 0.015, 1e-5);
}

TEST_F(FluidLinkTest, FlowsThatFillTheLinkShareItByTheirWindows) {
  FluidLink two = link(spec(12_Mbps, 1'500'000_B));
  for (const auto& [key, window] : {std::pair{1u, 286}, std::pair{2u, 143}}) {
    FluidTcp tcp{window};
    tcp.lose(0, window);  // 200 and 100 are left, and slow start is over
    two.add(kFluidBegin, kFluidBegin, {.key = key, .payload = packets(2000), .up_delay = kHalfTrip, .tcp = tcp});
  }
  const auto before = two.received(kFluidBegin + 300ms, 1).count(), others = two.received(kFluidBegin + 300ms, 2).count();
  EXPECT_NEAR(static_cast<double>(before), 200 * 1448, 1448) << "the first rounds, one behind the other";
  EXPECT_NEAR(static_cast<double>(others), 100 * 1448, 1448);
  const auto gained = static_cast<double>(two.received(kFluidBegin + 2100ms, 1).count() - before);
  EXPECT_NEAR(gained / static_cast<double>(two.received(kFluidBegin + 2100ms, 2).count() - others), 2, 0.3);
}

TEST_F(FluidLinkTest, WhatComesLaterWaitsBehindTheQueue) {
  FluidLink two = link(spec(12_Mbps, 1'500'000_B));
  FluidTcp tcp{286};
  tcp.lose(0, 286);  // 200 are left, and slow start is over
  two.add(kFluidBegin, kFluidBegin, {.key = 1, .payload = packets(1000), .up_delay = kHalfTrip, .tcp = tcp});
  const Instant first = add(two, kFluidBegin + 200ms, 2, packets(1));
  EXPECT_NEAR(base::to_seconds(first - kFluidBegin), 0.2 + 0.1, 0.01) << "100 of 200 packets wait";
}

TEST_F(FluidLinkTest, AWindowLargerThanLinkAndQueueLosesPackets) {
  const double without = seconds(spec(12_Mbps, 1'500'000_B), packets(300), 300);
  const double with = seconds(spec(12_Mbps, 150'000_B), packets(300), 300);
  EXPECT_NEAR(without, 0.3, 1e-3);
  EXPECT_GT(with, 0.4) << "what was lost comes a round trip later";
}

TEST_F(FluidLinkTest, ABurstThatFillsTheQueueCostsWhoFillsTheLink) {
  const auto window_after = [&](std::int64_t burst) {
    FluidLink two = link(spec(12_Mbps, 300'000_B));
    FluidTcp tcp{272};
    tcp.lose(0, 272);  // 190 are left: 90 wait in the queue, which holds 200
    two.add(kFluidBegin, kFluidBegin, {.key = 1, .payload = packets(5000), .up_delay = kHalfTrip, .tcp = tcp});
    add(two, kFluidBegin + 300ms, 2, packets(burst), 150);
    return two.remove(kFluidBegin + 600ms, 1).tcp.window();
  };
  EXPECT_GE(window_after(10), 190);
  EXPECT_LT(window_after(140), 150);
}

TEST_F(FluidLinkTest, TellsTheWindowOfAConnectionThatIsKept) {
  FluidLink one = link(spec(12_Mbps));
  add(one, kFluidBegin, 1, packets(30));
  const Instant at = *one.next_completion();
  EXPECT_EQ(one.remove(at, 1).tcp.window(), 40) << "all is acknowledged";
}

TEST_F(FluidLinkTest, FollowsATrace) {
  const netem::Rate rate = trace_of({{1s, 12_Mbps, {}}, {1s, 6_Mbps, {}}});
  EXPECT_NEAR(seconds(spec(rate, 1'500'000_B), packets(1100), 150), 1.2, 1e-3) << "1000 packets in the first second, 100 at half the rate";
}

TEST_F(FluidLinkTest, WaitsThroughAnOutage) {
  const netem::Rate rate = trace_of({{5ms, 12_Mbps, {}}, {4s, base::Bitrate{}, {}}, {1s, 12_Mbps, {}}});
  EXPECT_NEAR(seconds(spec(rate), packets(10)), 4.010, 1e-6);
}

TEST_F(FluidLinkTest, ATracesRoundTripIsThatOfItsSteps) {
  const netem::Rate rate = trace_of({{1s, 12_Mbps, 300ms}});
  EXPECT_NEAR(seconds(spec(rate), packets(11)), 0.050 + 0.150 + 0.002 + 0.001, 1e-6)
      << "half of the trace's, and the other direction's own";
}

TEST_F(FluidLinkTest, LooksABoundedNumberOfStepsAhead) {
  netem::ImpairmentSpec lossy = spec(12_Mbps);
  lossy.loss = netem::RandomLoss{1};
  FluidLink one = link(lossy);
  add(one, kFluidBegin, 1, packets(10));
  const Instant at = *one.next_completion();
  EXPECT_FALSE(one.is_complete(at, 1));
}

TEST_F(FluidLinkTest, LossesSlowATransferDown) {
  netem::ImpairmentSpec lossy = spec(12_Mbps);
  lossy.loss = netem::RandomLoss{0.02};
  double sum = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) sum += seconds(lossy, packets(700), 10, seed) / 20;
  EXPECT_GT(sum, 3 * seconds(spec(12_Mbps), packets(700)));
}

TEST_F(FluidLinkTest, TheSameSeedLosesTheSame) {
  netem::ImpairmentSpec lossy = spec(12_Mbps);
  lossy.loss = netem::BurstLoss{.to_bad = 0.01, .to_good = 0.5};
  EXPECT_EQ(seconds(lossy, packets(700), 10, 7), seconds(lossy, packets(700), 10, 7));
  EXPECT_NE(seconds(lossy, packets(700), 10, 7), seconds(lossy, packets(700), 10, 8));
}

TEST_F(FluidLinkTest, JitterMakesTheLastPacketLate) {
  netem::ImpairmentSpec shaky = spec(12_Mbps);
  shaky.jitter = {.deviation = 10ms, .correlation = 0.5};
  double sum = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    FluidLink one = link(shaky, seed);
    one.add(kFluidBegin, kFluidBegin + kHalfTrip, {.key = 1, .payload = packets(10), .up_delay = kHalfTrip, .tcp = FluidTcp{10}});
    sum += seconds(one) / 1000;
  }
  EXPECT_NEAR(sum - 0.060, 0.0098, 0.0008) << "of ten packets, a millisecond apart (fluid_jitter_test)";
}

TEST_F(FluidLinkTest, JitterLengthensEveryRoundOfATransferThatItsWindowLimits) {
  netem::ImpairmentSpec calm = spec(100_Mbps, 10'000'000_B), shaky = calm;
  shaky.jitter = {.deviation = 10ms, .correlation = 0.5};
  const auto later = [&](std::int64_t size) {
    double sum = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) sum += (seconds(shaky, packets(size), 10, seed) - seconds(calm, packets(size))) / 200;
    return sum;
  };
  EXPECT_GT(later(70), later(10) + 0.020) << "two rounds more";
}

TEST_F(FluidLinkTest, AFullLinkHidesJitter) {
  netem::ImpairmentSpec shaky = spec(12_Mbps, 1'500'000_B);
  shaky.jitter = {.deviation = 5ms, .correlation = 0.5};
  EXPECT_NEAR(seconds(shaky, packets(2000), 150), 2, 0.030);
}

// What is not there yet of the last packet must not count as received: a transfer that is given up then is not complete.
TEST_F(FluidLinkTest, IsNotCompleteBeforeItsLatePacketIsThere) {
  netem::ImpairmentSpec shaky = spec(12_Mbps);
  shaky.jitter = {.deviation = 10ms, .correlation = 0.5};
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    FluidLink one = link(shaky, seed);
    add(one, kFluidBegin, 1, packets(10));
    const Instant end = *one.next_completion();
    EXPECT_LT(one.received(end - 1ns, 1), packets(10));
    EXPECT_FALSE(one.is_complete(end - 1ns, 1));
    EXPECT_EQ(one.received(end, 1), packets(10));
    EXPECT_TRUE(one.is_complete(end, 1));
  }
}

// Whoever looks changes nothing, and no more comes through than the link carries; while windows fill it, no less.
TEST_F(FluidLinkTest, LooksChangeNothing) {
  base::Random random{7};
  for (int run = 0; run < 50; ++run) {
    const netem::Rate rate = trace_of({{700ms, 12_Mbps, {}}, {300ms, 1_Mbps, {}}, {100ms, {}, {}}, {500ms, 40_Mbps, {}}});
    FluidLink watched = link(spec(rate)), alone = link(spec(rate));
    for (FluidLink* each : {&watched, &alone})
      for (std::uint32_t key = 1; key <= 3; ++key) add(*each, kFluidBegin, key, packets(static_cast<std::int64_t>(100 * key) + run));
    const netem::RateSchedule schedule{rate, kFluidBegin};
    const Instant end = *alone.next_completion();
    ASSERT_EQ(watched.next_completion(), end);
    for (Instant now = kFluidBegin; now < end; now += base::Duration{static_cast<std::int64_t>(random.below(20'000'000))}) {
      ByteCount sum;
      for (std::uint32_t key = 1; key <= 3; ++key) sum += watched.received(now, key);
      ASSERT_LE(sum.count(), schedule.capacity(kFluidBegin, now).count());
    }
    EXPECT_EQ(watched.next_completion(), end);
    EXPECT_TRUE(watched.is_complete(end, 1));
  }
}

TEST_F(FluidLinkTest, FindsTheSameCompletionBitByBit) {
  netem::ImpairmentSpec shaky = spec(12_Mbps);
  shaky.jitter = {.deviation = 10ms};
  FluidLink asked = link(shaky), alone = link(shaky);
  for (FluidLink* each : {&asked, &alone}) add(*each, kFluidBegin, 1, packets(300));
  const Instant end = *alone.next_completion();
  for (Instant until = kFluidBegin; until <= end; until += 10ms) {
    const Instant found = *asked.next_completion(until);
    EXPECT_GE(found, until);
    EXPECT_LE(found, end);
    EXPECT_FALSE(asked.is_complete(until, 1));
  }
  EXPECT_EQ(asked.next_completion(), end);
  EXPECT_TRUE(asked.is_complete(end, 1));
  EXPECT_EQ(asked.remove(end, 1).tcp.window(), alone.remove(end, 1).tcp.window());
}

TEST_F(FluidLinkTest, MayBeAskedOfEarlierInstantsAgain) {
  netem::ImpairmentSpec shaky = spec(12_Mbps);
  shaky.jitter = {.deviation = 10ms};
  FluidLink watched = link(shaky), alone = link(shaky);
  for (FluidLink* each : {&watched, &alone}) {
    add(*each, kFluidBegin, 1, packets(300));
    add(*each, kFluidBegin, 2, packets(500));
  }
  const Instant end = *alone.next_completion();
  ASSERT_EQ(watched.next_completion(Instant::max(), true), end);
  for (int ms = 300; ms > 0; ms -= 7)
    for (const std::uint32_t key : {1, 2}) watched.received(kFluidBegin + ms * 1ms, key);
  for (Instant at = kFluidBegin; at < end; at += 3ms) {
    for (const std::uint32_t key : {1, 2}) {
      EXPECT_NEAR(static_cast<double>(watched.received(at, key).count()), static_cast<double>(alone.received(at, key).count()), 2);
      const auto first = watched.first_byte(at, key), other = alone.first_byte(at, key);
      ASSERT_EQ(first.has_value(), other.has_value());
      EXPECT_NEAR(base::to_seconds(first.value_or(end) - other.value_or(end)), 0, 1e-7);
      EXPECT_FALSE(watched.is_complete(at, key));
    }
  }
  EXPECT_EQ(watched.next_completion(), end);
  EXPECT_TRUE(watched.is_complete(end, 1) || watched.is_complete(end, 2));
}

TEST_F(FluidLinkTest, ApproachesAsIfItWereAskedAgainAndAgain) {
  base::Random random{3};
  int met = 0;
  for (int run = 0; run < 200; ++run) {
    netem::ImpairmentSpec uneven = spec(trace_of({{700ms, 12_Mbps, {}}, {300ms, 1_Mbps, {}}, {100ms, {}, {}}, {500ms, 40_Mbps, {}}}));
    if (run % 2 == 1) uneven.jitter = {.deviation = 10ms};
    FluidLink one = link(uneven);
    for (const std::uint32_t key : {1, 2}) add(one, kFluidBegin, key, packets(500));
    const Instant end = *one.next_completion(Instant::max(), true);
    const ByteCount payload = packets(static_cast<std::int64_t>(1 + random.below(400)));
    const Instant until = kFluidBegin + base::Duration{static_cast<std::int64_t>(random.below(std::uint64_t((end - kFluidBegin).count())))};
    Instant last = kFluidBegin, next = one.earliest(last, 1, payload);
    for (Instant then = {}; next < until; last = std::exchange(next, then))
      if (then = one.earliest(next, 1, payload); then <= next) break;
    const FluidLink::Approach going = one.approach(kFluidBegin, until, 1, payload);
    ASSERT_EQ(going.next, next) << run;
    ASSERT_EQ(going.last, last) << run;
    met += next < until ? 1 : 0;
  }
  EXPECT_GT(met, 20);
  EXPECT_LT(met, 180);
}

TEST_F(FluidLinkTest, ADuplicateTakesTheRoomOfAPacket) {
  netem::ImpairmentSpec twice = spec(12_Mbps, 1'500'000_B);
  twice.duplicate = 0.25;
  EXPECT_NEAR(seconds(twice, packets(2000), 150), 2.5, 1e-4);
  const netem::ImpairmentSpec once = spec(12_Mbps, 300'000_B);
  twice.queue = once.queue;
  EXPECT_NEAR(seconds(once, packets(190), 190), 0.190, 1e-6);
  EXPECT_GT(seconds(twice, packets(190), 190), 0.3) << "190 packets and 47 duplicates are more than the 200 that the queue holds";
}

// From one that comes in its turn to one that skips the delay.
TEST_F(FluidLinkTest, APacketAloneThatSkipsTheDelayIsThereSooner) {
  netem::ImpairmentSpec skipping = spec(12_Mbps);
  skipping.reorder = 1;
  const auto through = [this](const netem::ImpairmentSpec& spec, std::int64_t size) {
    FluidLink one = link(spec);
    const Instant first = one.add(kFluidBegin, kFluidBegin + kHalfTrip, {.key = 1, .payload = packets(size), .up_delay = kHalfTrip});
    return std::pair{base::to_seconds(first - kFluidBegin), seconds(one)};
  };
  const auto [usual_first, usual] = through(spec(12_Mbps), 1);
  EXPECT_NEAR(usual, 0.051, 1e-6);
  EXPECT_NEAR(usual_first, 0.051, 1e-6);
  const auto [first, all] = through(skipping, 1);
  EXPECT_NEAR(all, 0.001, 1e-6);
  EXPECT_NEAR(first, 0.001, 1e-6);
  const auto [first_of_more, more] = through(skipping, 5);
  EXPECT_NEAR(first_of_more, 0.001, 1e-6);
  EXPECT_NEAR(more, 0.055, 1e-6) << "hardly ever do all of several overtake";
}

// At 52 kbit/s an acknowledgement of two packets takes 8 ms.
TEST_F(FluidLinkTest, AFlowIsNoFasterThanItIsAcknowledged) {
  FluidLink one = link(spec(12_Mbps), 1, {.rate = 52_kbps, .delay = kHalfTrip});
  add(one, kFluidBegin, 1, packets(2000), 500);
  EXPECT_NEAR(seconds(one), 2000 * 0.004, 1e-4) << "nor is anything lost";
}

TEST_F(FluidLinkTest, AnAcknowledgementThatSkipsTheDelayBringsTheNextRoundSooner) {
  FluidLink one = link(spec(12_Mbps), 1, {.delay = kHalfTrip, .reorder = 1});
  add(one, kFluidBegin, 1, packets(11));
  EXPECT_NEAR(seconds(one), 0.050 + 0.002 + 0.001, 1e-6);
}

// HyStart takes for late who does not overtake; RACK takes for lost who is overtaken, until it waits for long enough.
TEST_F(FluidLinkTest, WhatOvertakesEndsSlowStartEarly) {
  netem::ImpairmentSpec skipping = spec(100_Mbps, 10'000'000_B);
  const auto threshold = [this](const netem::ImpairmentSpec& spec, std::uint64_t seed) {
    FluidLink one = link(spec, seed);
    add(one, kFluidBegin, 1, packets(500));
    one.next_completion();
    return one.remove(kFluidBegin + 10s, 1).tcp.threshold();
  };
  EXPECT_GT(threshold(skipping, 1), 300);
  skipping.reorder = 0.05;
  double sum = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) sum += std::min(threshold(skipping, seed), 300.0) / 50;
  EXPECT_LT(sum, 150);
}

TEST_F(FluidLinkTest, AConnectionRemembersHowLongItWaitsForWhatWasOvertaken) {
  netem::ImpairmentSpec skipping = spec(12_Mbps);
  skipping.reorder = 0.2;
  FluidLink one = link(skipping);
  add(one, kFluidBegin, 1, packets(1000));
  const FluidOrder order = one.remove(kFluidBegin + 10s, 1).order;
  EXPECT_EQ(order.down_skipped, 1);
  EXPECT_EQ(order.up_skipped, 0);
  EXPECT_GE(order.steps, 4) << "quarters of the least round trip, which is as long as the delay";
  EXPECT_LE(order.steps, 6) << "and the rounds until this is known";
}

TEST_F(FluidLinkTest, LosesNoWorkWhileItIsFull) {
  FluidLink many = link(spec(base::Bitrate::bits_per_second(7'654'321), 100'000'000_B));
  for (std::uint32_t key = 1; key <= 7; ++key) add(many, kFluidBegin, key, ByteCount::bytes(100'000'000), 200);
  ByteCount sum;
  for (std::uint32_t key = 1; key <= 7; ++key) sum += many.received(kFluidBegin + 20s, key);
  EXPECT_NEAR(static_cast<double>(sum.count()), 7'654'321.0 * 20 / 8 * 1448 / 1500, 10);
}

TEST_F(FluidLinkTest, WhatIsSaidToAFlowOnTheWayIsAsIfItHadBeenSaidAtOnce) {
  FluidLink grown = link(spec(12_Mbps, 1'500'000_B)), whole = link(spec(12_Mbps, 1'500'000_B));
  add(grown, kFluidBegin, 1, packets(1000), 150);
  add(whole, kFluidBegin, 1, packets(1500), 150);
  for (const auto at : {kFluidBegin, kFluidBegin + 300ms}) {
    const ByteCount before = grown.received(at, 1);
    grown.resize(at, 1, packets(at == kFluidBegin ? 1200 : 1500));
    EXPECT_EQ(grown.received(at, 1), before);
  }
  EXPECT_NEAR(seconds(grown), seconds(whole), 1e-3);
}

TEST_F(FluidLinkTest, WhatTheWindowHasRoomForFollowsAtOnce) {
  FluidLink one = link(spec(12_Mbps));
  add(one, kFluidBegin, 1, packets(5));
  one.resize(kFluidBegin + 2ms, 1, packets(10));
  EXPECT_NEAR(seconds(one), 0.010, 1e-6);
}

TEST_F(FluidLinkTest, WhatItHasNoRoomForIsTheNextRound) {
  FluidLink one = link(spec(12_Mbps));
  add(one, kFluidBegin, 1, packets(5));
  one.resize(kFluidBegin + 2ms, 1, packets(12));
  EXPECT_NEAR(seconds(one), 0.102 + 0.002, 1e-6);
}

TEST_F(FluidLinkTest, AQueueThatIsFullLosesOfWhatFollowsAtOnce) {
  FluidLink one = link(spec(12_Mbps, 15'000_B));
  add(one, kFluidBegin, 1, packets(8), 40);
  one.resize(kFluidBegin + 1ms, 1, packets(38));
  EXPECT_GT(seconds(one), 0.1) << "ten fit; what is lost comes a round trip later";
}

TEST_F(FluidLinkTest, TellsWhenAPartWillHaveCrossed) {
  FluidLink one = link(spec(12_Mbps, 1'500'000_B));
  add(one, kFluidBegin, 1, packets(2000), 150);
  EXPECT_FALSE(one.crossing(kFluidBegin, 1, packets(1000))) << "no way is noted";
  one.next_completion(Instant::max(), true);
  const Instant half = one.crossing(kFluidBegin, 1, packets(1000)).value();
  EXPECT_NEAR(base::to_seconds(half - kFluidBegin), 1, 1e-6);
  EXPECT_NEAR(base::to_seconds(one.crossing(half, 1, packets(2000)).value() - kFluidBegin), 2, 1e-3);
  EXPECT_EQ(one.crossing(half, 1, packets(1000)), half);
  EXPECT_EQ(one.crossing(half + 1s, 1, packets(1000)), half + 1s) << "it has";
}

TEST_F(FluidLinkTest, WhatWasLostHoldsUpWhatComesBehindIt) {
  FluidLink one = link(spec(12_Mbps, 30'000_B));
  add(one, kFluidBegin, 1, packets(300), 60);  // 40 find the queue full
  one.next_completion(Instant::max(), true);
  const auto at = [&](std::int64_t count) { return base::to_seconds(one.crossing(kFluidBegin, 1, packets(count)).value() - kFluidBegin); };
  EXPECT_NEAR(at(20), 0.020, 0.001);
  EXPECT_GT(at(21), 0.1) << "sent again a round trip later";
  EXPECT_NEAR(at(21), at(59), 0.001) << "all at once";
}

TEST_F(FluidLinkTest, WhatWasLostAndIsTakenBackHoldsUpNothing) {
  FluidLink one = link(spec(12_Mbps, 30'000_B));
  add(one, kFluidBegin, 1, packets(300), 60);  // of the first sixty the last forty are lost
  one.resize(kFluidBegin + 10ms, 1, packets(40));
  EXPECT_EQ(one.crossing(kFluidBegin + 10s, 1, packets(40)), kFluidBegin + 10s);
}

TEST_F(FluidLinkTest, WhatIsTakenBackDoesNotCross) {
  FluidLink one = link(spec(12_Mbps, 1'500'000_B));
  add(one, kFluidBegin, 1, packets(2000), 150);
  const Instant at = kFluidBegin + 500ms;
  const ByteCount before = one.received(at, 1), sent = one.sent(at, 1, 100ms);
  const double queued = base::to_milliseconds(one.queueing(at));
  EXPECT_NEAR(static_cast<double>((sent - before).count()) / 1448, queued + 100, 2) << "in the queue, and sent in a round trip";
  one.resize(at, 1, sent);
  EXPECT_NEAR(static_cast<double>(one.received(at, 1).count()), static_cast<double>(before.count()), 1448);
  EXPECT_NEAR(seconds(one), 0.5 + static_cast<double>((sent - before).count()) / 1448 / 1000, 0.002);
}

}  // namespace
}  // namespace harness
