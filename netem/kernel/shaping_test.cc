#include "netem/kernel/shaping.h"

#include <gtest/gtest.h>

#include "netem/kernel/kernel_links.h"
#include "netem/kernel/queue_counters.h"

namespace netem {
namespace {

using base::Bitrate;
using base::ByteCount;
using base::Instant;
using namespace base::literals;

constexpr Instant kOrigin{1000s};

Rate trace(std::vector<TraceStep> steps) { return std::make_shared<const Trace>(Trace{.steps = std::move(steps)}); }
Shaping shaping_of(const ImpairmentSpec& spec, Way way = Way::kDown) { return Shaper{spec, way, kOrigin, nullptr}.at(kOrigin); }

TEST(Shaper, LeavesAConstantRateToNetem) {
  const Shaping shaping = shaping_of({.rate = 8_Mbps, .delay = 20ms});
  EXPECT_EQ(shaping.netem.rate, 1'000'000U);
  EXPECT_EQ(shaping.netem.delay, 20ms);
  EXPECT_EQ(shaping.class_rate, std::nullopt);
}

TEST(Shaper, GivesTheRateOfATraceToTheClass) {
  const Shaper shaper{{.rate = trace({{1s, 4_Mbps}, {1s, 12_Mbps}})}, Way::kDown, kOrigin, nullptr};
  EXPECT_EQ(shaper.at(kOrigin).class_rate, 4_Mbps);
  EXPECT_EQ(shaper.next_change(kOrigin), kOrigin + 1s);
  EXPECT_EQ(shaper.at(kOrigin + 1s).class_rate, 12_Mbps);
  EXPECT_EQ(shaper.at(kOrigin).netem, shaper.at(kOrigin + 1s).netem);
}

TEST(Shaper, HoldsThePacketsDuringAnOutage) {
  const Shaper shaper{{.rate = trace({{1s, 4_Mbps}, {1s, 0_Mbps}})}, Way::kDown, kOrigin, nullptr};
  EXPECT_FALSE(shaper.at(kOrigin).netem.held);
  EXPECT_TRUE(shaper.at(kOrigin + 1s).netem.held);
  EXPECT_EQ(shaper.at(kOrigin + 1s).class_rate, 2_Mbps);  // the mean, not zero
}

TEST(Shaper, TakesHalfTheRoundTripOfAStep) {
  const Shaper shaper{{.rate = trace({{1s, 4_Mbps, 60ms}, {1s, 4_Mbps}}), .delay = 5ms}, Way::kDown, kOrigin, nullptr};
  EXPECT_EQ(shaper.at(kOrigin).netem.delay, 30ms);
  EXPECT_EQ(shaper.at(kOrigin + 1s).netem.delay, 5ms);
}

TEST(Shaper, KeepsTheOrderOfJitterByARateOfAlmostNoTime) {
  EXPECT_EQ(shaping_of({.delay = 20ms, .jitter = {.deviation = 5ms}}).netem.rate, 1'250'000'000'000U);
  EXPECT_EQ(shaping_of({.delay = 20ms, .jitter = {.deviation = 5ms, .keep_order = false}}).netem.rate, 0U);
  EXPECT_EQ(shaping_of({.delay = 20ms}).netem.rate, 0U);
}

TEST(Shaper, LeavesTheRateToTheClassWherePacketsMayOvertake) {
  const Shaping jitter = shaping_of({.rate = 8_Mbps, .delay = 20ms, .jitter = {.deviation = 5ms, .keep_order = false}});
  EXPECT_EQ(jitter.netem.rate, 0U);
  EXPECT_EQ(jitter.class_rate, 8_Mbps);
  EXPECT_EQ(shaping_of({.rate = 8_Mbps, .delay = 20ms, .reorder = 0.1}).class_rate, 8_Mbps);
}

TEST(Shaper, LimitsTheQueueToItsPacketsAndThoseUnderWay) {
  // 150,000 bytes in 1500s, and 8 Mbit/s * 60 ms = 60,000 bytes: in 1500s or in 100s.
  const ImpairmentSpec spec{.rate = 8_Mbps, .delay = 60ms, .queue = ByteCount::bytes(150'000)};
  EXPECT_EQ(shaping_of(spec, Way::kDown).netem.limit, 100U + 40U);
  EXPECT_EQ(shaping_of(spec, Way::kUp).netem.limit, 100U + 600U);
}

TEST(Shaper, CountsAQueueInTimeAtTheMeanRate) {
  EXPECT_EQ(shaping_of({.rate = trace({{1s, 4_Mbps}, {1s, 12_Mbps}}), .queue = 300ms}).netem.limit, 200U);
}

TEST(Shaper, LeavesRoomForTheLongestJitter) {
  const ImpairmentSpec spec{.rate = 12_Mbps, .delay = 20ms, .jitter = {.deviation = 10ms}, .queue = ByteCount::bytes(150'000)};
  EXPECT_EQ(shaping_of(spec).netem.limit, 100U + 60U);  // 20 ms and four deviations
}

TEST(Shaper, NeverDropsOnAnUnlimitedLink) {
  EXPECT_EQ(shaping_of({.delay = 100ms}).netem.limit, 1'000'000U);
  EXPECT_FALSE((Shaper{{}, Way::kDown, kOrigin, nullptr}.may_overflow()));
}

TEST(Shaper, QueuesNoMoreThanItsBottleneckDoes) {
  const ImpairmentSpec shared{.rate = 8_Mbps, .queue = ByteCount::bytes(150'000)};
  const Shaper shaper{{.delay = 60ms}, Way::kDown, kOrigin, &shared};
  EXPECT_EQ(shaper.at(kOrigin).netem.limit, 140U);
  EXPECT_TRUE(shaper.may_overflow());
}

TEST(DeparturesOf, NamesTheFieldsThatTheKernelTakesOtherwise) {
  EXPECT_TRUE(departures_of({.rate = 8_Mbps, .delay = 20ms, .jitter = {.deviation = 5ms}}).empty());
  EXPECT_EQ(departures_of({.jitter = {.deviation = 5ms, .correlation = 0.5}}).front().substr(0, 18), "jitter.correlation");
  EXPECT_EQ(departures_of({.rate = 8_Mbps, .loss = RandomLoss{0.1}}).front().substr(0, 8), "counters");
}

// Counters: 60 bytes a packet, nothing waiting unless said.
QueueStatistics statistics(std::uint64_t packets, std::uint64_t dropped, std::uint64_t waiting = 0) {
  return {.packets = packets, .bytes = 60 * packets, .dropped = dropped, .waiting = waiting, .waiting_bytes = 60 * waiting};
}
LinkCounters counters(const ImpairmentSpec& spec, const QueueStatistics& to, const QueueStatistics& from = {}) {
  return counters_between(from, to, Shaper{spec, Way::kDown, kOrigin, nullptr});
}

TEST(QueueCounters, TakeEveryDropForALossWhereNothingCanOverflow) {
  const LinkCounters out = counters({.loss = RandomLoss{0.1}}, statistics(900, 120));
  EXPECT_EQ(out, (LinkCounters{.offered = 1020,
                               .lost = 120,
                               .delivered = 900,
                               .bytes_offered = ByteCount::bytes(61'200),
                               .bytes_delivered = ByteCount::bytes(54'000)}));
}

TEST(QueueCounters, TakeEveryDropForAnOverflowWhereNothingIsLost) {
  EXPECT_EQ(counters({.rate = 8_Mbps}, statistics(900, 100)).overflowed, 100U);
}

TEST(QueueCounters, ExpectTheLossesAmongBoth) {
  const LinkCounters out = counters({.rate = 8_Mbps, .loss = RandomLoss{0.05}}, statistics(800, 200));
  EXPECT_EQ(out.lost, 50U);
  EXPECT_EQ(out.overflowed, 150U);
}

TEST(QueueCounters, CountWhatWaitsAsOfferedButNotDelivered) {
  const LinkCounters out = counters({.rate = 8_Mbps}, statistics(90, 0, 10), statistics(30, 0, 20));
  EXPECT_EQ(out.delivered, 60U);
  EXPECT_EQ(out.offered, 50U);
}

TEST(QueueCounters, ExpectTheDuplicates) {
  const LinkCounters out = counters({.duplicate = 0.25}, statistics(1250, 0));
  EXPECT_EQ(out.duplicated, 250U);
  EXPECT_EQ(out.offered, 1000U);
  EXPECT_EQ(out.bytes_offered, ByteCount::bytes(60'000));
}

TEST(QueueCounters, SurviveTheWrapOfTheKernels32Bits) {
  EXPECT_EQ(counters({.loss = RandomLoss{0.1}}, statistics(10, 5), statistics(0, 0xFFFF'FFFB)).lost, 10U);
}

}  // namespace
}  // namespace netem
