#include "netem/tun/frame_pool.h"

#include <gtest/gtest.h>

namespace netem {
namespace {

TEST(FramePool, AFrameIsGivenOutAgainWhenItsLastShareIsGone) {
  FramePool pool{1 << 20};
  FrameRef first = pool.take(1500);
  const FrameRef second = first;
  Frame* const frame = &*first;
  first = {};
  EXPECT_NE(&*pool.take(1500), frame);
  {
    const FrameRef last = second;
    EXPECT_EQ(last->shares, 2u);
  }
  const std::size_t held = pool.bytes_held();
  EXPECT_TRUE(pool.take(100));
  EXPECT_EQ(pool.bytes_held(), held);
}

TEST(FramePool, BeyondTheLimitThereIsNone) {
  FramePool pool{10'000};
  std::vector<FrameRef> frames;
  for (int i = 0; i < 4; ++i) frames.push_back(pool.take(2000));
  EXPECT_TRUE(frames.back());
  EXPECT_FALSE(pool.take(2000));
  frames.pop_back();
  EXPECT_TRUE(pool.take(2000));
  EXPECT_LE(pool.bytes_held(), 10'000u);
}

TEST(FramePool, SparesOfOneSizeMakeRoomForAnother) {
  FramePool pool{100'000};
  {
    std::vector<FrameRef> frames;
    while (FrameRef frame = pool.take(2000)) frames.push_back(std::move(frame));
    EXPECT_FALSE(pool.take(FramePool::kLargest));
  }
  EXPECT_TRUE(pool.take(FramePool::kLargest));
}

}  // namespace
}  // namespace netem
