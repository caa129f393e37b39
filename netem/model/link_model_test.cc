#include "netem/model/link_model.h"

#include <gtest/gtest.h>

#include <map>

namespace netem {
namespace {

using base::ByteCount;
using base::Instant;
using Kind = Fate::Kind;
using namespace base::literals;

constexpr Instant kStart{std::chrono::hours{1}};

LinkModel link(const ImpairmentSpec& spec, std::uint64_t seed = 1) {
  EXPECT_TRUE(faults_of(spec).empty());
  return LinkModel{spec, kStart, base::Random{seed}};
}

TEST(LinkModel, DelaysEveryPacketOnAnUnlimitedLink) {
  LinkModel model = link({.delay = 20ms});
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(model.judge(kStart, 1500_B).due, kStart + 20ms);
  EXPECT_EQ(model.backlog(kStart), 0_B);
}

TEST(LinkModel, SpacesPacketsByTheRate) {
  LinkModel model = link({.rate = 12_Mbps, .delay = 20ms});
  for (int i = 1; i <= 10; ++i) EXPECT_EQ(model.judge(kStart, 1500_B).due, kStart + 20ms + i * 1ms);
}

TEST(LinkModel, StartsAfreshAfterAnIdleTime) {
  LinkModel model = link({.rate = 12_Mbps});
  model.judge(kStart, 1500_B);
  EXPECT_EQ(model.judge(kStart + 10ms, 1500_B).due, kStart + 11ms);
}

TEST(LinkModel, AdmitsExactlyWhatTheQueueHolds) {
  LinkModel model = link({.rate = 7_Mbps, .queue = 4500_B});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(model.judge(kStart, 1500_B).kind, Kind::kDelivered);
  EXPECT_EQ(model.backlog(kStart), 4500_B);
  EXPECT_EQ(model.judge(kStart, 1500_B).kind, Kind::kQueueFull);
  EXPECT_EQ(model.judge(kStart + 1714us, 1500_B).kind, Kind::kQueueFull);  // the first is not through before 1714.29 us
  EXPECT_EQ(model.judge(kStart + 1715us, 1500_B).kind, Kind::kDelivered);
  EXPECT_EQ(model.counters().overflowed, 2u);
}

TEST(LinkModel, AdmitsAPacketLargerThanTheQueueWhenItIsEmpty) {
  LinkModel model = link({.rate = 12_Mbps, .queue = 100_B});
  EXPECT_EQ(model.judge(kStart, 1500_B).kind, Kind::kDelivered);
  EXPECT_EQ(model.judge(kStart, 40_B).kind, Kind::kQueueFull);
  EXPECT_EQ(model.judge(kStart + 1ms, 1500_B).kind, Kind::kDelivered);
}

TEST(LinkModel, CountsThePacketThatIsBeingSentAsAWhole) {
  LinkModel model = link({.rate = 12_Mbps, .queue = 3000_B});
  for (int i = 0; i < 2; ++i) EXPECT_EQ(model.judge(kStart, 1500_B).kind, Kind::kDelivered);
  EXPECT_EQ(model.backlog(kStart + 999us), 3000_B);
  EXPECT_EQ(model.judge(kStart + 999us, 40_B).kind, Kind::kQueueFull);
  EXPECT_EQ(model.judge(kStart + 1ms, 1500_B).kind, Kind::kDelivered);
}

TEST(LinkModel, LimitsTheQueueInTime) {
  LinkModel model = link({.rate = 12_Mbps, .queue = base::Duration{5ms}});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(model.judge(kStart, 1500_B).kind, Kind::kDelivered);
  EXPECT_EQ(model.judge(kStart, 1500_B).kind, Kind::kQueueFull);
}

TEST(LinkModel, LimitsTheQueueInTimeByWhatTheTraceWillCarry) {
  const auto trace = std::make_shared<const Trace>(Trace{.steps = {{.lasts = 10ms, .rate = 12_Mbps}, {.lasts = 1s, .rate = 0_Mbps}}});
  LinkModel model = link({.rate = trace, .queue = base::Duration{5ms}});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(model.judge(kStart, 1500_B).kind, Kind::kDelivered);
  EXPECT_EQ(model.judge(kStart, 1500_B).kind, Kind::kQueueFull);
  EXPECT_EQ(model.judge(kStart + 8ms, 1500_B).due, kStart + 9ms);
  EXPECT_EQ(model.judge(kStart + 8ms, 1500_B).due, kStart + 10ms);
  EXPECT_EQ(model.judge(kStart + 8ms, 1500_B).kind, Kind::kQueueFull);  // the outage is about to begin
}

TEST(LinkModel, QueuesInBytesThroughAnOutage) {
  const auto trace = std::make_shared<const Trace>(Trace{.steps = {{.lasts = 1s, .rate = 0_Mbps}, {.lasts = 1s, .rate = 12_Mbps}}});
  LinkModel model = link({.rate = trace, .queue = 3000_B});
  EXPECT_EQ(model.judge(kStart, 1500_B).due, kStart + 1001ms);
  EXPECT_EQ(model.judge(kStart + 500ms, 1500_B).due, kStart + 1002ms);
  EXPECT_EQ(model.judge(kStart + 600ms, 1500_B).kind, Kind::kQueueFull);
  EXPECT_EQ(model.backlog(kStart + 600ms), 3000_B);
}

TEST(LinkModel, QueuesADefaultOfThirtyPacketsOnASlowLink) {
  LinkModel model = link({.rate = 1_Mbps});
  for (int i = 0; i < 30; ++i) EXPECT_EQ(model.judge(kStart, 1500_B).kind, Kind::kDelivered);
  EXPECT_EQ(model.judge(kStart, 1500_B).kind, Kind::kQueueFull);
}

TEST(LinkModel, TakesTheDelayFromTheTracesRoundTrip) {
  const auto trace = std::make_shared<const Trace>(Trace{.steps = {{.lasts = 1s, .rate = 12_Mbps, .rtt = 100ms},
                                                                   {.lasts = 1s, .rate = 12_Mbps},
                                                                   {.lasts = 1s, .rate = 12_Mbps, .rtt = 200ms}}});
  LinkModel model = link({.rate = trace, .delay = 7ms});
  EXPECT_EQ(model.judge(kStart, 1500_B).due, kStart + 51ms);
  EXPECT_EQ(model.judge(kStart + 1500ms, 1500_B).due, kStart + 1508ms);
  EXPECT_EQ(model.judge(kStart + 2500ms, 1500_B).due, kStart + 2601ms);
  EXPECT_EQ(model.judge(kStart + 3500ms, 1500_B).due, kStart + 3551ms);
}

TEST(LinkModel, KeepsTheOrderWhenTheRoundTripFalls) {
  const auto trace = std::make_shared<const Trace>(
      Trace{.steps = {{.lasts = 1s, .rate = 12_Mbps, .rtt = 200ms}, {.lasts = 1s, .rate = 12_Mbps, .rtt = base::Duration{}}}});
  LinkModel model = link({.rate = trace});
  const Instant first = model.judge(kStart + 990ms, 1500_B).due;
  EXPECT_EQ(model.judge(kStart + 1010ms, 1500_B).due, first);
}

TEST(LinkModel, SendsTheDuplicateThroughTheQueueToo) {
  LinkModel model = link({.rate = 12_Mbps, .delay = 20ms, .duplicate = 1});
  const Fate fate = model.judge(kStart, 1500_B);
  EXPECT_EQ(fate.due, kStart + 21ms);
  EXPECT_EQ(fate.again_at, kStart + 22ms);
}

TEST(LinkModel, DropsOnlyTheDuplicateWhenTheQueueHoldsOne) {
  LinkModel model = link({.rate = 12_Mbps, .duplicate = 1, .queue = 1500_B});
  const Fate fate = model.judge(kStart, 1500_B);
  EXPECT_EQ(fate.kind, Kind::kDelivered);
  EXPECT_EQ(fate.again_at, std::nullopt);
  EXPECT_EQ(model.counters().overflowed, 1u);
}

TEST(LinkModel, LosesBeforeItQueues) {
  LinkModel model = link({.rate = 12_Mbps, .loss = RandomLoss{1}, .duplicate = 1});
  EXPECT_EQ(model.judge(kStart, 1500_B).kind, Kind::kLost);
  EXPECT_EQ(model.backlog(kStart), 0_B);
  EXPECT_EQ(model.counters().duplicated, 0u);
}

TEST(LinkModel, LetsAReorderedPacketOvertake) {
  LinkModel model = link({.rate = 12_Mbps, .delay = 20ms, .reorder = 1});
  EXPECT_EQ(model.judge(kStart, 1500_B).due, kStart + 1ms);
}

TEST(LinkModel, HandsOutPacketsInOrderOfTheirInstants) {
  LinkModel model = link({.rate = 12_Mbps, .delay = 20ms});
  for (std::uint64_t i = 0; i < 3; ++i) model.accept(kStart, PacketId{i}, 1500_B);
  EXPECT_EQ(model.next_due(), kStart + 21ms);
  EXPECT_EQ(model.due(kStart + 22ms), (std::vector<PacketId>{PacketId{0}, PacketId{1}}));
  EXPECT_EQ(model.next_due(), kStart + 23ms);
  EXPECT_EQ(model.due(kStart + 1s), (std::vector<PacketId>{PacketId{2}}));
  EXPECT_EQ(model.next_due(), std::nullopt);
}

TEST(LinkModel, HandsOutPacketsOfOneInstantInTheOrderOfTheirAcceptance) {
  LinkModel model = link({.delay = 20ms});
  std::vector<PacketId> accepted;
  for (std::uint64_t i = 0; i < 100; ++i) {
    accepted.push_back(PacketId{i});
    model.accept(kStart, accepted.back(), 1500_B);
  }
  EXPECT_EQ(model.due(kStart + 20ms), accepted);
}

TEST(LinkModel, HandsOutADuplicateTwice) {
  LinkModel model = link({.delay = 20ms, .duplicate = 1});
  model.accept(kStart, PacketId{7}, 1500_B);
  EXPECT_EQ(model.due(kStart + 1s), (std::vector<PacketId>{PacketId{7}, PacketId{7}}));
}

TEST(LinkModel, MeetsTheSameFatesWithTheSameSeed) {
  const ImpairmentSpec spec{.rate = 5_Mbps, .delay = 20ms, .jitter = {.deviation = 5ms}, .loss = RandomLoss{0.1}, .duplicate = 0.1};
  LinkModel one = link(spec, 5), same = link(spec, 5), other = link(spec, 6);
  bool differs = false;
  for (int i = 0; i < 1000; ++i) {
    const Instant now = kStart + i * 1ms;
    const Fate fate = one.judge(now, 1200_B);
    EXPECT_EQ(fate.due, same.judge(now, 1200_B).due);
    differs |= fate.due != other.judge(now, 1200_B).due;
  }
  EXPECT_EQ(one.counters(), same.counters());
  EXPECT_TRUE(differs);
}

TEST(LinkCounters, AddUp) {
  LinkModel model = link({.loss = RandomLoss{0.5}});
  for (int i = 0; i < 100; ++i) model.judge(kStart, 100_B);
  LinkCounters sum = model.counters();
  sum += model.counters();
  EXPECT_EQ(sum.offered, 200u);
  EXPECT_EQ(sum.bytes_delivered.count(), 2 * model.counters().bytes_delivered.count());
}

// One packet after the other in a multimap, and every packet on its way through the queue in a list.
class NaiveQueue {
 public:
  void add(Instant due, PacketId id) { waiting_.emplace(due, id); }
  std::vector<PacketId> due(Instant now) {
    std::vector<PacketId> out;
    for (; !waiting_.empty() && waiting_.begin()->first <= now; waiting_.erase(waiting_.begin())) out.push_back(waiting_.begin()->second);
    return out;
  }
  std::optional<Instant> next_due() const { return waiting_.empty() ? std::nullopt : std::optional{waiting_.begin()->first}; }

 private:
  std::multimap<Instant, PacketId> waiting_;  // equal keys stay in the order of their insertion
};

TEST(LinkModel, AgreesWithAMultimapOverManyPackets) {
  const ImpairmentSpec spec{.rate = 20_Mbps,
                            .delay = 20ms,
                            .jitter = {.deviation = 8ms, .correlation = 0.5, .keep_order = false},
                            .loss = BurstLoss{.to_bad = 0.01, .to_good = 0.2},
                            .duplicate = 0.05,
                            .reorder = 0.05};
  LinkModel model = link(spec), twin = link(spec);
  NaiveQueue naive;
  base::Random random{3};
  Instant now = kStart;
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    const auto size = ByteCount::bytes(static_cast<std::int64_t>(40 + random.below(1461)));
    const Fate fate = twin.judge(now, size);
    ASSERT_EQ(model.accept(now, PacketId{i}, size).due, fate.due);
    if (fate.kind == Kind::kDelivered) naive.add(fate.due, PacketId{i});
    if (fate.again_at) naive.add(*fate.again_at, PacketId{i});
    ASSERT_EQ(model.next_due(), naive.next_due());
    now += base::from_seconds(random.exponential(3e-4));
    if (random.chance(0.3)) {
      ASSERT_EQ(model.due(now), naive.due(now));
    }
  }
  EXPECT_EQ(model.due(now + 1h), naive.due(now + 1h));
}

// Keeps the size and the finish of every packet, and counts those that are not through.
TEST(LinkModel, AgreesWithAListOfPacketsAboutTheQueue) {
  const std::int64_t bps = 8'000'000, limit = 20'000;  // a byte takes a microsecond: no rounding in the reference
  LinkModel model = link({.rate = base::Bitrate::bits_per_second(bps), .queue = ByteCount::bytes(limit)});
  std::vector<std::int64_t> waiting;  // bytes of each, the first one being sent
  Instant now = kStart, first_begun = kStart;
  base::Random random{9};
  for (int i = 0; i < 100'000; ++i) {
    while (!waiting.empty() && first_begun + waiting.front() * 1us <= now) {
      first_begun += waiting.front() * 1us;
      waiting.erase(waiting.begin());
    }
    std::int64_t bytes = 0;
    for (const std::int64_t size : waiting) bytes += size;
    if (waiting.empty()) first_begun = now;
    ASSERT_EQ(model.backlog(now).count(), bytes);
    const auto size = static_cast<std::int64_t>(40 + random.below(1461));
    const bool admitted = waiting.empty() || bytes + size <= limit;
    ASSERT_EQ(model.judge(now, ByteCount::bytes(size)).kind, admitted ? Kind::kDelivered : Kind::kQueueFull);
    if (admitted) waiting.push_back(size);
    now += static_cast<std::int64_t>(random.exponential(700)) * 1us;
  }
  EXPECT_GT(model.counters().overflowed, 1000u);
}

}  // namespace
}  // namespace netem
