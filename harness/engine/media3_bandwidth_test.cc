#include "harness/engine/media3_bandwidth.h"

#include <gtest/gtest.h>

namespace harness {
namespace {

using namespace base::literals;

constexpr base::Instant kMeterStart{100s};
constexpr auto kPictures = TrackKind::kVideo, kSound = TrackKind::kAudio;

void media3_transfers(Media3Bandwidth& meter, TrackKind track, base::Duration from, base::Duration to, base::ByteCount size) {
  meter.runs(track, kMeterStart + from, size);
  meter.ends(track, kMeterStart + to);
}

TEST(SlidingMedian, IsTheSmallestValueWithHalfTheWeightAtOrBelow) {
  SlidingMedian median{2000};
  EXPECT_FALSE(median.value());
  median.add(100, 5);
  median.add(300, 1);
  median.add(250, 3);
  EXPECT_EQ(median.value(), 3);  // 300 of 650, then 550 of 650
}

TEST(SlidingMedian, TakesWeightFromTheOldest) {
  SlidingMedian median{2000};
  median.add(1500, 1);
  median.add(600, 2);
  EXPECT_EQ(median.value(), 1);  // 1400 of 2000
  median.add(600, 3);
  EXPECT_EQ(median.value(), 2);  // 800, 600, 600
  median.add(2500, 4);
  EXPECT_EQ(median.value(), 4);  // nothing else is left
}

TEST(Media3Bandwidth, KeepsThePriorUntilTwoSecondsOrHalfAMebibyte) {
  Media3Bandwidth meter{1_Mbps};
  media3_transfers(meter, kPictures, 0s, 1s, 400'000_B);
  EXPECT_EQ(meter.estimate(), 1_Mbps);
  EXPECT_FALSE(meter.is_measured());
  media3_transfers(meter, kPictures, 2s, 3s, 400'000_B);  // 800 000 bytes in all
  EXPECT_NEAR(meter.estimate().kbps(), 3200, 1);
  Media3Bandwidth slow{1_Mbps};
  media3_transfers(slow, kPictures, 0s, 2s, 50'000_B);
  EXPECT_NEAR(slow.estimate().kbps(), 200, 1);
}

// From the first byte: a transfer alone does not count the wait for it.
TEST(Media3Bandwidth, LeavesOutTheWaitBetweenTransfers) {
  Media3Bandwidth meter{1_Mbps};
  media3_transfers(meter, kPictures, 0s, 1s, 600'000_B);
  media3_transfers(meter, kPictures, 5s, 6s, 600'000_B);
  EXPECT_NEAR(meter.estimate().kbps(), 4800, 1);
}

// 0 to 2 s: 500 000 bytes of video and 100 000 of audio, 2400 kbit/s; from there to 3 s 50 000 of audio, 400 kbit/s. Weights 774 and 223.
TEST(Media3Bandwidth, TakesSimultaneousTransfersTogether) {
  Media3Bandwidth meter{1_Mbps};
  meter.runs(kPictures, kMeterStart, 0_B);
  meter.runs(kSound, kMeterStart + 500ms, 100'000_B);
  media3_transfers(meter, kPictures, 0s, 2s, 500'000_B);
  EXPECT_NEAR(meter.estimate().kbps(), 2400, 1);
  media3_transfers(meter, kSound, 500ms, 3s, 150'000_B);
  EXPECT_NEAR(meter.estimate().kbps(), 2400, 1);
  media3_transfers(meter, kSound, 4s, 5s, 490'000_B);  // 3920 kbit/s, weight 700
  EXPECT_NEAR(meter.estimate().kbps(), 2400, 1);
}

TEST(Media3Bandwidth, CarriesBytesThatTookNoTimeIntoTheNextSample) {
  Media3Bandwidth meter{1_Mbps};
  media3_transfers(meter, kPictures, 0s, 0s, 700'000_B);
  EXPECT_FALSE(meter.is_measured());
  media3_transfers(meter, kPictures, 1s, 3s, 100'000_B);
  EXPECT_NEAR(meter.estimate().kbps(), 3200, 1);
}

}  // namespace
}  // namespace harness
