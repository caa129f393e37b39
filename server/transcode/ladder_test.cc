#include "server/transcode/ladder.h"

#include <gtest/gtest.h>

namespace server {
namespace {
using namespace base::literals;

TEST(Ladder, KeepsTheSourcesAspect) {
  const auto rungs = plan_ladder(default_ladder(), {1280, 720});
  ASSERT_EQ(rungs.size(), 3U);
  EXPECT_EQ(rungs[0], (PlannedRung{1280, 720, 2500_kbps}));
  EXPECT_EQ(rungs[1], (PlannedRung{854, 480, 1100_kbps}));
  EXPECT_EQ(rungs[2], (PlannedRung{426, 240, 300_kbps}));
}

TEST(Ladder, DropsRungsAboveTheSource) {
  const auto rungs = plan_ladder(default_ladder(), {960, 540});
  ASSERT_EQ(rungs.size(), 2U);
  EXPECT_EQ(rungs[0].height, 480);
}

TEST(Ladder, KeepsOneRungForATinySource) {
  const auto rungs = plan_ladder(default_ladder(), {161, 121});
  ASSERT_EQ(rungs.size(), 1U);
  EXPECT_EQ(rungs[0], (PlannedRung{160, 120, 300_kbps}));
}

TEST(Ladder, MakesRungsOfTwoByTwoAtTheLeast) {
  EXPECT_EQ(plan_ladder(default_ladder(), {1, 1}), (std::vector<PlannedRung>{{2, 2, 300_kbps}}));
  EXPECT_EQ(plan_ladder(default_ladder(), {1, 240}), (std::vector<PlannedRung>{{2, 240, 300_kbps}}));
}

TEST(Ladder, SortsFromHighToLow) {
  const auto rungs = plan_ladder({{240, 300_kbps}, {1080, 5_Mbps}, {480, 1_Mbps}}, {1920, 1080});
  EXPECT_EQ(rungs[0].height, 1080);
  EXPECT_EQ(rungs[2].height, 240);
}

}  // namespace
}  // namespace server
