#include "base/units.h"

#include <gtest/gtest.h>

namespace base {
namespace {

using namespace literals;

TEST(Units, DividingBytesByARateGivesTheTimeToSendThem) {
  EXPECT_EQ(1000_B / 8_kbps, 1s);
  EXPECT_EQ(ByteCount::bytes(250'000) / 2_Mbps, 1s);
}

TEST(Units, MultiplyingARateByATimeGivesBytes) {
  EXPECT_EQ(8_kbps * Duration{500ms}, 500_B);
  EXPECT_EQ(1_Mbps * Duration{0s}, 0_B);
}

TEST(Units, ARateIsBytesOverTime) {
  EXPECT_EQ(Bitrate::of(1000_B, 1s), 8_kbps);
  EXPECT_EQ(Bitrate::of(1000_B, 0s), Bitrate{}) << "nothing can be said about no time";
  EXPECT_EQ(Bitrate::of(ByteCount::bytes(1'000'000'000'000), 1s).bps(), 8'000'000'000'000) << "a terabyte does not overflow";
}

TEST(Units, ByteCountsAddAndCompare) {
  EXPECT_EQ(1_KiB + 1_B, 1025_B);
  EXPECT_EQ(1_KiB - 24_B, 1000_B);
  EXPECT_LT(999_B, 1_KiB);
}

TEST(Units, RatesScaleAndAdd) {
  EXPECT_EQ(2_Mbps * 0.5, 1_Mbps);
  EXPECT_EQ(1_Mbps + 500_kbps, 1500_kbps);
  EXPECT_DOUBLE_EQ((1500_kbps).kbps(), 1500);
}

TEST(Time, SecondsRoundToTheNearestNanosecond) {
  EXPECT_EQ(from_seconds(0.1), 100ms);
  EXPECT_EQ(from_seconds(-0.1), -100ms);
  EXPECT_DOUBLE_EQ(to_seconds(2500ms), 2.5);
  EXPECT_DOUBLE_EQ(to_milliseconds(250us), 0.25);
}

TEST(WallAnchor, ConvertsBothWays) {
  const WallAnchor anchor{.at = Instant{100s}, .utc = UtcTime{1'700'000'000s}};
  EXPECT_EQ(anchor.utc_at(Instant{130s}), UtcTime{1'700'000'030s});
  EXPECT_EQ(anchor.instant_at(UtcTime{1'699'999'990s}), Instant{90s});
}

}  // namespace
}  // namespace base
