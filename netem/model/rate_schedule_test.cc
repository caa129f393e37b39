#include "netem/model/rate_schedule.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "netem/model/wide.h"

namespace netem {
namespace {

using base::Bitrate;
using base::ByteCount;
using base::Duration;
using base::Instant;
using namespace base::literals;

constexpr Instant kOrigin{std::chrono::hours{1}};
constexpr ByteCount kPacket = 1500_B;

Rate trace_of(std::vector<TraceStep> steps) { return std::make_shared<const Trace>(Trace{.name = "test", .steps = std::move(steps)}); }

// 4 Mbit/s, an outage, 2 Mbit/s: 750,000 bytes in 3 s.
Rate with_outage() {
  return trace_of({{.lasts = 1s, .rate = 4_Mbps}, {.lasts = 1s, .rate = 0_Mbps}, {.lasts = 1s, .rate = 2_Mbps, .rtt = 80ms}});
}

// Uneven steps without a pattern, outages at both ends.
Trace uneven_trace(std::size_t steps) {
  base::Random random{7};
  Trace trace{.name = "uneven"};
  for (std::size_t i = 0; i < steps; ++i)
    trace.steps.push_back({.lasts = Duration{static_cast<std::int64_t>(1 + random.below(200'000'000))},
                           .rate = Bitrate::bits_per_second(
                               i == 0 || i + 1 == steps || random.chance(0.2) ? 0 : static_cast<std::int64_t>(random.below(20'000'000)))});
  return trace;
}

// Walks over the steps and takes their capacity away, one after the other.
Instant naive_finish(const Trace& trace, Instant start, ByteCount size) {
  const Duration length = length_of(trace);
  Duration phase = (start - kOrigin) % length;
  if (phase < 0ns) phase += length;
  Instant at = start;
  Wide left = static_cast<Wide>(size.count()) * kUnitsPerByte;
  std::size_t i = 0;
  for (; phase >= trace.steps[i].lasts; ++i) phase -= trace.steps[i].lasts;
  while (true) {
    const TraceStep& step = trace.steps[i];
    const Duration remains = step.lasts - phase;
    const Wide capacity = static_cast<Wide>(step.rate.bps()) * remains.count();
    if (capacity >= left) return at + Duration{static_cast<std::int64_t>(left / step.rate.bps())};
    left -= capacity;
    at += remains;
    phase = 0ns;
    i = (i + 1) % trace.steps.size();
  }
}

TEST(RateSchedule, KeepsAnOddRateToTheNanosecondOverAMillionPackets) {
  for (const std::int64_t bps : {1'234'567, 7'777'777, 999'999'937}) {
    RateSchedule schedule{Bitrate::bits_per_second(bps), kOrigin};
    base::Random random{static_cast<std::uint64_t>(bps)};
    Instant at = kOrigin;
    std::int64_t bytes = 0;
    for (int i = 0; i < 1'000'000; ++i) {
      const auto size = static_cast<std::int64_t>(40 + random.below(1461));
      bytes += size;
      at = schedule.finish(at, ByteCount::bytes(size));
    }
    EXPECT_EQ((at - kOrigin).count(), static_cast<std::int64_t>(static_cast<Wide>(bytes) * kUnitsPerByte / bps)) << bps;
  }
}

TEST(RateSchedule, ForgetsTheRestWhenThePacketsAreNotBackToBack) {
  RateSchedule schedule{Bitrate::bits_per_second(7'000'000), kOrigin};
  const Instant first = schedule.finish(kOrigin, 1_B);  // 1142.857… ns
  EXPECT_EQ(first, kOrigin + 1142ns);
  EXPECT_EQ(schedule.finish(first + 1ns, 1_B), first + 1143ns);
}

TEST(RateSchedule, SendsATracesCapacityInEveryStepToWithinAPacket) {
  const Trace trace = uneven_trace(300);
  RateSchedule schedule{std::make_shared<const Trace>(trace), kOrigin};
  Instant end = kOrigin, finish = schedule.finish(kOrigin, kPacket);
  std::int64_t sent = 0;
  for (int repetition = 0; repetition < 3; ++repetition)
    for (const TraceStep& step : trace.steps) {
      end += step.lasts;
      for (; finish <= end; finish = schedule.finish(finish, kPacket)) sent += kPacket.count();
      const std::int64_t behind = schedule.capacity(kOrigin, end).count() - sent;
      ASSERT_GE(behind, 0);
      ASSERT_LT(behind, kPacket.count());
    }
}

TEST(RateSchedule, LosesNothingOverManyRepetitionsOfATrace) {
  const Trace trace = uneven_trace(100);
  RateSchedule schedule{std::make_shared<const Trace>(trace), kOrigin};
  Instant at = kOrigin;
  const int packets = 200'000;
  for (int i = 0; i < packets; ++i) at = schedule.finish(at, kPacket);
  EXPECT_GT(at - kOrigin, 20 * length_of(trace));
  EXPECT_EQ(at, naive_finish(trace, kOrigin, ByteCount::bytes(packets * kPacket.count())));
}

TEST(RateSchedule, AgreesWithAWalkOverTheStepsFromAnyStart) {
  const Trace trace = uneven_trace(157);
  base::Random random{11};
  RateSchedule schedule{std::make_shared<const Trace>(trace), kOrigin};
  for (int i = 0; i < 20'000; ++i) {
    const Duration offset = base::from_seconds(random.uniform(-200, 200));  // about ten repetitions either way
    const auto size = ByteCount::bytes(static_cast<std::int64_t>(1 + random.below(random.chance(0.1) ? 50'000'000 : 1500)));
    ASSERT_EQ(schedule.finish(kOrigin + offset, size), naive_finish(trace, kOrigin + offset, size)) << offset.count();
  }
}

TEST(RateSchedule, SkipsAnOutage) {
  RateSchedule schedule{with_outage(), kOrigin};
  EXPECT_EQ(schedule.finish(kOrigin + 1200ms, 250_B), kOrigin + 2001ms);
}

TEST(RateSchedule, FinishesAtTheBoundaryWhenThePacketFillsTheStep) {
  RateSchedule schedule{with_outage(), kOrigin};
  EXPECT_EQ(schedule.finish(kOrigin, ByteCount::bytes(500'000)), kOrigin + 1s);  // not behind the outage
  EXPECT_EQ(schedule.finish(kOrigin + 1s, 250_B), kOrigin + 2001ms);
}

TEST(RateSchedule, RunsBackwardsFromTheEndBeforeItsOrigin) {
  RateSchedule schedule{with_outage(), kOrigin};
  EXPECT_EQ(schedule.rate_at(kOrigin - 1ns), 2_Mbps);
  EXPECT_EQ(schedule.rate_at(kOrigin - 1500ms), 0_Mbps);
  EXPECT_EQ(schedule.finish(kOrigin - 1ms, 500_B), kOrigin + 500us);  // 250 bytes at each rate
}

TEST(RateSchedule, KnowsRateAndRoundTripOfEachStep) {
  const RateSchedule schedule{with_outage(), kOrigin};
  EXPECT_EQ(schedule.rate_at(kOrigin), 4_Mbps);
  EXPECT_EQ(schedule.rate_at(kOrigin + 1s), 0_Mbps);
  EXPECT_EQ(schedule.rtt_at(kOrigin + 1s), std::nullopt);
  EXPECT_EQ(schedule.rtt_at(kOrigin + 302s), 80ms);
}

TEST(RateSchedule, TellsTheNextChangeAcrossTheEnd) {
  const RateSchedule schedule{with_outage(), kOrigin};
  EXPECT_EQ(schedule.next_change(kOrigin), kOrigin + 1s);
  EXPECT_EQ(schedule.next_change(kOrigin + 2s), kOrigin + 3s);
  EXPECT_EQ(schedule.next_change(kOrigin - 1ms), kOrigin);
}

TEST(RateSchedule, SeesNoChangeBetweenEqualSteps) {
  const RateSchedule alike{trace_of({{.lasts = 1s, .rate = 4_Mbps}, {.lasts = 2s, .rate = 4_Mbps}}), kOrigin};
  EXPECT_EQ(alike.next_change(kOrigin), std::nullopt);
  const RateSchedule merged{trace_of({{.lasts = 1s, .rate = 4_Mbps}, {.lasts = 2s, .rate = 4_Mbps}, {.lasts = 1s, .rate = 1_Mbps}}),
                            kOrigin};
  EXPECT_EQ(merged.next_change(kOrigin), kOrigin + 3s);
}

TEST(RateSchedule, TellsOfAStretchWhatItTellsOneByOne) {
  const RateSchedule along{trace_of({{1s, 4_Mbps, 40ms}, {1s, 12_Mbps, 60ms}, {2s, 1_Mbps, {}}}), kOrigin};
  for (base::Instant at = kOrigin - 5s; at < kOrigin + 9s; at += 250ms) {
    const RateSchedule::Stretch stretch = along.stretch_at(at);
    EXPECT_EQ(stretch.rate, along.rate_at(at));
    EXPECT_EQ(stretch.rtt, along.rtt_at(at));
    EXPECT_EQ(stretch.until, along.next_change(at));
  }
  const RateSchedule constant{12_Mbps, kOrigin};
  EXPECT_EQ(constant.stretch_at(kOrigin).rate, 12_Mbps);
  EXPECT_EQ(constant.stretch_at(kOrigin).until, base::Instant::max());
  const RateSchedule unlimited{Unlimited{}, kOrigin};
  EXPECT_EQ(unlimited.stretch_at(kOrigin).rate, std::nullopt);
}

TEST(RateSchedule, CountsCapacityAcrossRepetitions) {
  const RateSchedule schedule{with_outage(), kOrigin};
  EXPECT_EQ(schedule.capacity(kOrigin, kOrigin + 300s), ByteCount::bytes(75'000'000));
  EXPECT_EQ(schedule.capacity(kOrigin - 500ms, kOrigin + 500ms), ByteCount::bytes(375'000));
  EXPECT_EQ(schedule.capacity(kOrigin + 1s, kOrigin + 2s), 0_B);
}

TEST(RateSchedule, CountsWhatWaitsToTheByte) {
  for (const Rate& rate :
       {Rate{Bitrate::bits_per_second(7'000'000)}, trace_of({{.lasts = 1h, .rate = Bitrate::bits_per_second(7'000'000)}})}) {
    RateSchedule schedule{rate, kOrigin};
    Instant at = kOrigin;
    for (int i = 1; i <= 100; ++i) {
      at = schedule.finish(at, 1001_B);
      EXPECT_EQ(schedule.waiting(kOrigin), ByteCount::bytes(i * 1001));
    }
    EXPECT_EQ(schedule.waiting(at), 0_B);
    EXPECT_EQ(schedule.waiting(at - 1us), 1_B);  // 0.875 bytes, and the rest of the last nanosecond
  }
}

TEST(RateSchedule, SendsAtOnceWhenUnlimited) {
  RateSchedule schedule{Unlimited{}, kOrigin};
  EXPECT_TRUE(schedule.is_unlimited());
  EXPECT_EQ(schedule.finish(kOrigin, ByteCount::bytes(1 << 30)), kOrigin);
  EXPECT_EQ(schedule.rate_at(kOrigin), std::nullopt);
  EXPECT_EQ(schedule.waiting(kOrigin), 0_B);
}

TEST(RateSchedule, CarriesAHugePacketAtTheHighestRate) {
  RateSchedule schedule{Bitrate::bits_per_second(100'000'000'000), kOrigin};
  EXPECT_EQ(schedule.finish(kOrigin, ByteCount::bytes(std::int64_t{1} << 40)), kOrigin + Duration{(std::int64_t{1} << 40) * 8 / 100});
}

TEST(RateSchedule, BeginsAnewFromAnotherOrigin) {
  for (const Rate& rate : {Rate{Unlimited{}}, Rate{Bitrate::bits_per_second(7'000'000)}, with_outage()}) {
    RateSchedule used{rate, kOrigin};
    used.finish(kOrigin, 100'000_B);
    RateSchedule anew = used.anew(kOrigin + 700ms), made{rate, kOrigin + 700ms};
    EXPECT_EQ(anew.is_unlimited(), made.is_unlimited());
    for (int i = 0; i < 10; ++i) EXPECT_EQ(anew.finish(kOrigin, 300'000_B), made.finish(kOrigin, 300'000_B)) << i;
    EXPECT_EQ(anew.rate_at(kOrigin + 5s), made.rate_at(kOrigin + 5s));
    EXPECT_EQ(anew.next_change(kOrigin), made.next_change(kOrigin));
  }
}

}  // namespace
}  // namespace netem
