#include "base/nearest_rank.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(NearestRank, IsTheFirstThatHasSuchAShareAtOrBelowIt) {
  EXPECT_EQ(nearest_rank(0.5, 4), 2u);
  EXPECT_EQ(nearest_rank(0.51, 4), 3u);
  EXPECT_EQ(nearest_rank(0, 4), 1u);
  EXPECT_EQ(nearest_rank(1, 4), 4u);
}

TEST(NearestRank, IsExactWhereTheShareIsAWholeNumberOfValues) {
  for (std::uint64_t count = 1; count <= 1000; ++count)
    for (std::uint64_t percent = 1; percent <= 100; ++percent)
      if (percent * count % 100 == 0) {
        ASSERT_EQ(nearest_rank(static_cast<double>(percent) / 100, count), percent * count / 100) << percent << " % of " << count;
      }
}

}  // namespace
}  // namespace base
