#include <gtest/gtest.h>

#include "server/ingest/health/bitrate_meter.h"
#include "server/ingest/health/sliding_sum.h"

namespace server {
namespace {

using namespace base::literals;
const base::Instant kStart{1000s};

TEST(SlidingSum, HoldsWhatTheWindowHolds) {
  SlidingSum sum{1s};
  for (int i = 0; i < 30; ++i) sum.add(kStart + i * 100ms, 1);
  EXPECT_EQ(sum.sum(kStart + 2900ms), 10);
  EXPECT_EQ(sum.sum(kStart + 3400ms), 5);
  EXPECT_EQ(sum.sum(kStart + 1h), 0);
}

TEST(SlidingSum, CoversTheTimeSinceItsFirstAmountAtMostTheWindow) {
  SlidingSum sum{1s};
  EXPECT_EQ(sum.covered(kStart), 0s);
  sum.add(kStart, 1);
  EXPECT_EQ(sum.covered(kStart + 300ms), 300ms);
  EXPECT_LE(sum.covered(kStart + 5s), 1s);
  EXPECT_GE(sum.covered(kStart + 5s), 950ms);
}

TEST(SlidingSum, InstantBeforeTheNewestCountsAsThat) {
  SlidingSum sum{1s};
  sum.add(kStart + 10s, 1);
  sum.add(kStart, 1);
  EXPECT_EQ(sum.sum(kStart + 10s), 2);
}

// A source that sends in each 10 ms what the rate says.
class Sending {
 public:
  void at(base::Bitrate rate, base::Duration lasts) {
    for (const base::Instant end = now + lasts; now < end; now += 10ms) {
      meter.take(now, rate * 10ms);
      low = meter.low_since(now, limits);
    }
  }
  base::Instant now = kStart;
  BitrateMeter::Limits limits{.floor = {}, .collapse = 0.25};
  BitrateMeter meter{2s};
  std::optional<base::Instant> low;
};

TEST(BitrateMeter, MeasuresOverItsWindow) {
  Sending source;
  source.at(5_Mbps, 3s);
  EXPECT_NEAR(source.meter.rate(source.now).kbps(), 5000, 30);
  source.at(1_Mbps, 2100ms);
  EXPECT_NEAR(source.meter.rate(source.now).kbps(), 1000, 30);
}

TEST(BitrateMeter, NothingIsLowBeforeAWindowHasCome) {
  Sending source;
  source.limits.floor = 10_Mbps;
  source.at(1_Mbps, 1700ms);
  EXPECT_FALSE(source.low);
  source.at(1_Mbps, 300ms);
  EXPECT_TRUE(source.low);
}

TEST(BitrateMeter, CollapseIsLowOnceTheWindowShowsIt) {
  Sending source;
  source.at(5_Mbps, 30s);
  EXPECT_FALSE(source.low);
  source.at(base::Bitrate::bits_per_second(500'000), 1500ms);
  EXPECT_FALSE(source.low);  // (0.5 s at 5 Mbit/s and 1.5 s at 0.5) / 2 s = 1.6 Mbit/s
  source.at(base::Bitrate::bits_per_second(500'000), 500ms);
  EXPECT_TRUE(source.low);
}

TEST(BitrateMeter, CollapseDoesNotSoonBecomeTheRule) {
  Sending source;
  source.at(5_Mbps, 30s);
  source.at(base::Bitrate::bits_per_second(500'000), 60s);
  EXPECT_TRUE(source.low);
  EXPECT_GT(source.meter.usual().kbps(), 4000);
}

TEST(BitrateMeter, LowerRateForGoodIsTheUsualOneInTheEnd) {
  Sending source;
  source.at(5_Mbps, 30s);
  source.at(1_Mbps, 30min);
  EXPECT_FALSE(source.low);
}

TEST(BitrateMeter, SilentStallIsLow) {
  Sending source;
  source.at(5_Mbps, 10s);
  source.at({}, 2s);
  EXPECT_TRUE(source.low);
}

TEST(BitrateMeter, NothingIsKnownOfTheNextConnection) {
  Sending source;
  source.at(5_Mbps, 30s);
  source.meter.reset();
  source.at(base::Bitrate::bits_per_second(500'000), 10s);
  EXPECT_FALSE(source.low);
}

}  // namespace
}  // namespace server
