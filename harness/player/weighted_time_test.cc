#include "harness/player/weighted_time.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace harness {
namespace {

using namespace std::chrono_literals;

TEST(WeightedTime, IsInSeconds) {
  WeightedTime sum;
  sum.add(3, 1500ms);
  sum.add(2, -1s);
  EXPECT_DOUBLE_EQ(sum.seconds(), 2.5);
}

TEST(WeightedTime, HoldsWhatIsMoreThan64BitsOfNanoseconds) {
  WeightedTime sum;
  sum.add(100'000'000, 3h);
  EXPECT_DOUBLE_EQ(sum.seconds(), 1.08e12);
}

TEST(WeightedTime, IsTheSameHoweverTheTimeIsTakenApart) {
  base::Random random{7};
  WeightedTime whole, parts;
  whole.add(3'456'789, 10min);
  for (base::Duration left = 10min; left.count() > 0;) {
    const base::Duration part = std::min(left, base::Duration{static_cast<std::int64_t>(random.below(999'999'999)) + 1});
    parts.add(3'456'789, part);
    left -= part;
  }
  EXPECT_EQ(parts.seconds(), whole.seconds());
}

}  // namespace
}  // namespace harness
