#include "server/ingest/file/cut_sound.h"

#include <gtest/gtest.h>

namespace server {
namespace {

using namespace std::chrono_literals;

// 480 samples, 10 ms, from 1 s on; each is its own number.
AudioBlock block() {
  AudioBlock made{.timestamp = 1s};
  for (int i = 0; i < 480; ++i) made.left.push_back(static_cast<float>(i));
  made.right = made.left;
  return made;
}

TEST(CutSound, TakesTheHeadOff) {
  AudioBlock cut = block();
  cut_before(cut, 1004ms);
  EXPECT_EQ(cut.left.size(), 288U);
  EXPECT_EQ(cut.right.front(), 192);
  EXPECT_EQ(cut.timestamp, 1004ms);
  EXPECT_EQ(end_of(cut), 1010ms);
}

TEST(CutSound, TakesTheTailOff) {
  AudioBlock cut = block();
  cut_behind(cut, 1004ms);
  EXPECT_EQ(cut.right.size(), 192U);
  EXPECT_EQ(cut.left.back(), 191);
  EXPECT_EQ(cut.timestamp, 1s);
  EXPECT_EQ(end_of(cut), 1004ms);
}

TEST(CutSound, LeavesWhatLiesWithin) {
  AudioBlock cut = block();
  cut_before(cut, 0s);
  cut_behind(cut, 1010ms);
  EXPECT_EQ(cut.left, block().left);
}

TEST(CutSound, MayLeaveNothing) {
  AudioBlock early = block(), late = block();
  cut_before(early, 2s);
  cut_behind(late, -1s);
  EXPECT_TRUE(early.left.empty() && early.right.empty());
  EXPECT_TRUE(late.left.empty() && late.right.empty());
}

}  // namespace
}  // namespace server
