#include "harness/engine/shaka_bandwidth.h"

#include <gtest/gtest.h>

namespace harness::shaka {
namespace {

using namespace base::literals;

constexpr base::Instant kAsked{100s};

Download download(base::Duration since, base::ByteCount received) {
  return {.asked = kAsked, .latest = kAsked + since, .received = received};
}

TEST(ShakaBandwidth, TrustsThePriorUntil128KilobytesAreSampled) {
  Bandwidth bandwidth;
  bandwidth.add(127'999_B, 1s);
  EXPECT_EQ(bandwidth.estimate(1_Mbps), 1_Mbps);
  EXPECT_FALSE(bandwidth.is_good());
  bandwidth.add(16'000_B, 125ms);
  EXPECT_NEAR(bandwidth.estimate(1_Mbps).kbps(), 1024, 0.1);
}

// 1.024 and 0.256 Mbit/s for a second each: fast (0.212077 + 0.074981) / 0.5, slow (0.115397 + 0.033139) / 0.242142.
TEST(ShakaBandwidth, IsTheSmallerOfBothAverages) {
  Bandwidth bandwidth;
  bandwidth.add(128'000_B, 1s);
  bandwidth.add(32'000_B, 1s);
  EXPECT_NEAR(bandwidth.estimate(1_Mbps).kbps(), 574.1, 0.1);
}

TEST(ShakaBandwidth, LeavesOutWhatIsSmallOrCached) {
  Bandwidth bandwidth;
  bandwidth.add(15'999_B, 1s);
  bandwidth.add(1'000'000_B, 4ms);
  EXPECT_FALSE(bandwidth.is_good());
}

TEST(ShakaProgressMeter, EndsAPartAfterMoreThan100MillisecondsAnd16Kilobytes) {
  ProgressMeter meter;
  EXPECT_FALSE(meter.part(download(100ms, 20'000_B), false)) << "too soon";
  EXPECT_FALSE(ProgressMeter{}.part(download(150ms, 15'999_B), false)) << "too little";
  const auto first = meter.part(download(101ms, 20'000_B), false);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->size, 20'000_B);
  EXPECT_EQ(first->took, base::Duration{101ms}) << "the time to the first byte included";
  EXPECT_FALSE(meter.part(download(201ms, 60'000_B), false));
}

TEST(ShakaProgressMeter, EndsTheLastPartWithTheDownload) {
  ProgressMeter meter;
  meter.part(download(150ms, 40'000_B), false);
  const auto last = meter.part(download(160ms, 41'000_B), true);
  ASSERT_TRUE(last);
  EXPECT_EQ(last->size, 1'000_B);
  EXPECT_EQ(last->took, base::Duration{10ms});
}

TEST(ShakaProgressMeter, BeginsAgainWithTheNextDownload) {
  ProgressMeter meter;
  meter.part(download(150ms, 40'000_B), true);
  Download next = download(2050ms, 30'000_B);
  next.asked = kAsked + 2s;
  const auto part = meter.part(next, true);
  ASSERT_TRUE(part);
  EXPECT_EQ(part->size, 30'000_B);
  EXPECT_EQ(part->took, base::Duration{50ms});
}

}  // namespace
}  // namespace harness::shaka
