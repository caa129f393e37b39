#include "server/ingest/rtmp/tag_clock.h"

#include <gtest/gtest.h>

namespace server::rtmp {
namespace {

TEST(TagClock, BeginsNearZeroWhereverThePublisherDoes) {
  for (const std::uint32_t begin : {0u, 5'000'000u, 0xFFFFFFF0u}) {
    TagClock clock;
    EXPECT_EQ(clock.now(), 1000U);
    EXPECT_EQ(clock.at(begin), 1000U);
    EXPECT_EQ(clock.at(begin + 40), 1040U) << "over the wrap, too";
    EXPECT_EQ(clock.at(begin + 20), 1020U) << "sound that comes late";
    EXPECT_EQ(clock.at(begin - 300), 700U) << "before the first";
    EXPECT_EQ(clock.now(), 700U);
  }
}

TEST(TagClock, KeepsAStepBackAsOne) {
  TagClock clock;
  clock.at(100'000);
  clock.at(200'000);
  EXPECT_EQ(clock.at(150'000), 51'000U);
}

TEST(TagClock, BeginsAgainWhenTheEncoderDoes) {
  TagClock clock;
  clock.at(5'000'000);
  EXPECT_EQ(clock.at(0), 1000U);
  EXPECT_EQ(clock.at(40), 1040U);
}

}  // namespace
}  // namespace server::rtmp
