#include "base/tight.h"

#include <gtest/gtest.h>

#include <memory>

namespace base {
namespace {

TEST(PushTightly, LeavesNoRoomToSpare) {
  std::vector<std::unique_ptr<int>> all;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(*push_tightly(all, std::make_unique<int>(i)), i);
    EXPECT_EQ(all.capacity(), all.size());
  }
  EXPECT_EQ(*all.front(), 0);
}

}  // namespace
}  // namespace base
