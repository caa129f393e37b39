#include "base/random.h"

#include <gtest/gtest.h>

#include <vector>

namespace base {
namespace {

std::vector<std::uint64_t> numbers(Random random, int count) {
  std::vector<std::uint64_t> out;
  for (int i = 0; i < count; ++i) out.push_back(random.next());
  return out;
}

// Computed with an independent program from the published definitions of splitmix64 and xoshiro256**; that program gives the
// authors' test vector (11520, 0, 1509978240, 1215971899390074240, …) for the state {1, 2, 3, 4}.
TEST(Random, AgreesWithTheReferenceGenerator) {
  EXPECT_EQ(numbers(Random{0}, 6), (std::vector<std::uint64_t>{0x99ec5f36cb75f2b4, 0xbf6e1f784956452a, 0x1a5f849d4933e6e0,
                                                               0x6aa594f1262d2d2c, 0xbba5ad4a1f842e59, 0xffef8375d9ebcaca}));
  EXPECT_EQ(numbers(Random{42}, 3), (std::vector<std::uint64_t>{0x15780b2e0c2ec716, 0x6104d9866d113a7e, 0xae17533239e499a1}));
  EXPECT_EQ(numbers(Random{UINT64_MAX}, 2), (std::vector<std::uint64_t>{0x8f5520d52a7ead08, 0xc476a018caa1802d}));
}

TEST(Random, GivesEachStreamItsOwnFixedNumbers) {
  EXPECT_EQ(numbers(Random::stream(7, 0), 2), (std::vector<std::uint64_t>{0x43d280f371a01e90, 0x4cd0aa5363aab404}));
  EXPECT_EQ(numbers(Random::stream(7, 1), 2), (std::vector<std::uint64_t>{0x871da779b0be5f15, 0x2281aaf6004989bb}));
  EXPECT_EQ(numbers(Random::stream(7, "arrivals"), 2), (std::vector<std::uint64_t>{0x4131a85a5f2261d4, 0x241f8d9a9d2631e1}));
  EXPECT_NE(numbers(Random::stream(7, "arrivals"), 2), numbers(Random::stream(7, "cohorts"), 2));
}

TEST(Random, UniformStaysInItsRangeAroundItsMean) {
  Random random{1};
  double sum = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double value = random.uniform(2, 6);
    ASSERT_GE(value, 2);
    ASSERT_LT(value, 6);
    sum += value;
  }
  EXPECT_NEAR(sum / 100'000, 4, 0.02);  // 5 standard errors
}

TEST(Random, BelowReachesEveryNumberEquallyOften) {
  Random random{2};
  std::vector<int> counts(7);
  for (int i = 0; i < 70'000; ++i) ++counts.at(random.below(7));
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);
}

TEST(Random, ChanceNeverHappensAtZeroNorFailsAtOne) {
  Random random{3};
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_FALSE(random.chance(0));
    ASSERT_TRUE(random.chance(1));
  }
}

TEST(Random, ExponentialHasItsMean) {
  Random random{4};
  double sum = 0;
  for (int i = 0; i < 100'000; ++i) sum += random.exponential(3);
  EXPECT_NEAR(sum / 100'000, 3, 0.05);
}

TEST(Random, NormalHasMeanZeroAndVarianceOne) {
  Random random{5};
  double sum = 0, squares = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double value = random.normal();
    sum += value;
    squares += value * value;
  }
  EXPECT_NEAR(sum / 100'000, 0, 0.02);
  EXPECT_NEAR(squares / 100'000, 1, 0.03);
}

}  // namespace
}  // namespace base
