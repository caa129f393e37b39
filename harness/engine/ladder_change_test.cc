#include "harness/engine/ladder_change.h"

#include <gtest/gtest.h>

namespace harness {
namespace {

using namespace base::literals;

LadderRung rung(base::Bitrate rate, int height) { return {.peak = rate, .average = rate, .height = height}; }

const std::vector<LadderRung> kThree{rung(300_kbps, 240), rung(1100_kbps, 480), rung(2500_kbps, 720)};

TEST(LadderChange, FollowsTheRenditionsThatStay) {
  const LadderChange change{kThree, {kThree[1], kThree[2]}};
  EXPECT_TRUE(change.keeps(1));
  EXPECT_EQ(change.exact(1), 0u);
  EXPECT_EQ(change.exact(2), 1u);
  EXPECT_EQ(change.nearest(2), 1u);
}

TEST(LadderChange, HasTheNearestRateInPlaceOfWhatIsGone) {
  const LadderChange change{kThree, {kThree[0], kThree[2]}};
  EXPECT_FALSE(change.keeps(1));
  EXPECT_EQ(change.exact(1), 2u);  // none
  EXPECT_EQ(change.nearest(1), 0u);
}

TEST(LadderChange, IsOfRatesThatWereMeasuredAnew) {
  const LadderChange change{kThree, {rung(310_kbps, 240), rung(1090_kbps, 480), rung(2510_kbps, 720)}};
  for (std::size_t i = 0; i < kThree.size(); ++i) EXPECT_EQ(change.nearest(i), i);
}

TEST(LadderChange, TellsRenditionsOfOneRateByTheirHeight) {
  const LadderChange change{{rung(1100_kbps, 480), rung(1100_kbps, 720)}, {kThree[0], rung(1100_kbps, 480), rung(1100_kbps, 720)}};
  EXPECT_EQ(change.exact(0), 1u);
  EXPECT_EQ(change.exact(1), 2u);
}

TEST(LadderChange, HasNoPlaceForWhatWasGoneBefore) {
  const LadderChange change{{kThree[0]}, kThree};
  EXPECT_FALSE(change.keeps(1));
  EXPECT_EQ(change.exact(1), 3u);
  EXPECT_EQ(change.nearest(1), 2u);
}

}  // namespace
}  // namespace harness
