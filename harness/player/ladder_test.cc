#include "harness/player/ladder.h"

#include <gtest/gtest.h>

namespace harness {
namespace {

using namespace base::literals;

TEST(Ladder, IsCappedByTheScreenButNeverEmpty) {
  const std::vector<Rung> rungs{
      {.bandwidth = 5_Mbps, .height = 1080}, {.bandwidth = 1_Mbps, .height = 480}, {.bandwidth = 2_Mbps, .height = 720}};
  EXPECT_EQ(capped_ladder(rungs, 0).size(), 3u);
  EXPECT_EQ(capped_ladder(rungs, 720).back().height, 720);
  ASSERT_EQ(capped_ladder(rungs, 240).size(), 1u);
  EXPECT_EQ(capped_ladder(rungs, 240).front().height, 480);
}

}  // namespace
}  // namespace harness
