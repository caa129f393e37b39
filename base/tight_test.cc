#include "base/tight.h"

#include <gtest/gtest.h>

#include <memory>

namespace base {
namespace {

TEST(Tight, LeavesNoRoomToSpare) {
  std::vector<std::unique_ptr<int>> all;
  for (int i = 0; i < 5; ++i) {
    tight(all).push_back(std::make_unique<int>(i));
    EXPECT_EQ(all.capacity(), all.size());
  }
  EXPECT_EQ(*all.front(), 0);
  EXPECT_EQ(*all.back(), 4);
}

}  // namespace
}  // namespace base
