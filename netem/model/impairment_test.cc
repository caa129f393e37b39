#include "netem/model/impairment.h"

#include <gmock/gmock.h>

#include <cmath>

namespace netem {
namespace {

using base::Bitrate;
using base::ByteCount;
using base::Duration;
using testing::HasSubstr;
using namespace base::literals;

Rate trace_rate(std::vector<TraceStep> steps) { return std::make_shared<const Trace>(Trace{.steps = std::move(steps)}); }

struct FaultRow {
  ImpairmentSpec spec;
  const char* field;
  const char* fix;
};

TEST(FaultsOf, NameTheFieldAndTheFix) {
  const double nan = std::nan("");
  const std::vector<FaultRow> rows{
      {{.rate = Bitrate{}}, "rate", "above 0"},
      {{.rate = Bitrate::bits_per_second(-1)}, "rate", "above 0"},
      {{.rate = Bitrate::bits_per_second(999)}, "rate", "between 1kbit and 100gbit"},
      {{.rate = Bitrate::bits_per_second(100'000'000'001)}, "rate", "between 1kbit and 100gbit"},
      {{.rate = std::shared_ptr<const Trace>{}}, "rate", "names no trace"},
      {{.rate = trace_rate({})}, "rate.steps", "none"},
      {{.rate = trace_rate({{.lasts = 1s, .rate = 1_Mbps}, {.rate = 1_Mbps}})}, "rate.steps[1].duration", "above 0"},
      {{.rate = trace_rate({{.lasts = 1s, .rate = Bitrate::bits_per_second(-5)}})}, "rate.steps[0].rate", "an outage has rate 0"},
      {{.delay = -1ms}, "delay", "negative"},
      {{.delay = 61min}, "delay", "at most 1h"},
      {{.jitter = {.deviation = -1ms}}, "jitter.deviation", "negative"},
      {{.jitter = {.correlation = 1}}, "jitter.correlation", "below 1"},
      {{.jitter = {.correlation = -0.1}}, "jitter.correlation", "[0, 1)"},
      {{.jitter = {.correlation = nan}}, "jitter.correlation", "[0, 1)"},
      {{.loss = RandomLoss{1.01}}, "loss", "0.01 for 1 %"},
      {{.loss = RandomLoss{nan}}, "loss", "share in [0, 1]"},
      {{.loss = BurstLoss{.to_bad = -0.1}}, "loss.to_bad", "share in [0, 1]"},
      {{.loss = BurstLoss{.to_good = 2}}, "loss.to_good", "share in [0, 1]"},
      {{.loss = BurstLoss{.loss_in_bad = 2}}, "loss.loss_in_bad", "share in [0, 1]"},
      {{.loss = BurstLoss{.loss_in_good = nan}}, "loss.loss_in_good", "share in [0, 1]"},
      {{.duplicate = 1.5}, "duplicate", "share in [0, 1]"},
      {{.delay = 1ms, .reorder = -1}, "reorder", "share in [0, 1]"},
      {{.reorder = 0.1}, "reorder", "set delay"},
      {{.queue = ByteCount::bytes(-1)}, "queue", "negative"},
      {{.queue = ByteCount::bytes((1 << 30) + 1)}, "queue", "at most 1GiB"},
      {{.queue = Duration{-1ms}}, "queue", "negative"},
      {{.queue = Duration{0ms}}, "queue", "leave it out"},
      {{.queue = Duration{2h}}, "queue", "at most 1h"},
  };
  for (const FaultRow& row : rows) {
    const auto faults = faults_of(row.spec);
    ASSERT_EQ(faults.size(), 1u) << row.field << " " << row.fix;
    EXPECT_EQ(faults[0].first, row.field);
    EXPECT_THAT(faults[0].second, HasSubstr(row.fix));
  }
}

TEST(FaultsOf, ComeAllAtOnce) {
  const auto faults = faults_of(ImpairmentSpec{.rate = Bitrate{}, .delay = -1ms, .loss = RandomLoss{2}, .duplicate = -1, .reorder = 2});
  EXPECT_EQ(faults.size(), 6u);  // reorder has two
}

TEST(FaultsOf, AreNoneAtTheEdgesOfTheRanges) {
  EXPECT_TRUE(faults_of(ImpairmentSpec{}).empty());
  const ImpairmentSpec edges{.rate = Bitrate::bits_per_second(100'000'000'000),
                             .delay = 1h,
                             .jitter = {.deviation = 1h, .correlation = 0.999},
                             .loss = BurstLoss{.to_bad = 1, .to_good = 0},
                             .duplicate = 1,
                             .reorder = 1,
                             .queue = ByteCount::bytes(1 << 30)};
  EXPECT_TRUE(faults_of(edges).empty());
}

TEST(FaultsOf, AcceptReorderingWhereTheTraceBringsTheDelay) {
  EXPECT_TRUE(faults_of(ImpairmentSpec{.rate = trace_rate({{.lasts = 1s, .rate = 1_Mbps, .rtt = 20ms}}), .reorder = 0.1}).empty());
}

TEST(DefaultQueue, HoldsThirtyPacketsOrAHundredMilliseconds) {
  EXPECT_EQ(default_queue(1_Mbps), 45'000_B);
  EXPECT_EQ(default_queue(100_Mbps), 1'250'000_B);
  EXPECT_EQ(default_queue(trace_rate({{.lasts = 1s, .rate = 100_Mbps}, {.lasts = 1s, .rate = 0_Mbps}})), 625'000_B);
  EXPECT_EQ(default_queue(Unlimited{}), 0_B);
}

TEST(BaseRtt, AddsBothDelays) { EXPECT_EQ(base_rtt({.down = {.delay = 20ms}, .up = {.delay = 30ms}}), 50ms); }

TEST(MeanLoss, OfRandomLossIsItsProbability) { EXPECT_EQ(mean_loss(RandomLoss{0.25}), 0.25); }

}  // namespace
}  // namespace netem
