#include "base/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/random.h"

namespace base {
namespace {

constexpr double kAccuracy = 0.004;  // as histogram.h promises

std::vector<double> some_values(std::uint64_t seed, int count) {
  Random random{seed};
  std::vector<double> values;
  for (int i = 0; i < count; ++i) values.push_back(std::exp2(random.uniform(-15, 40)));
  return values;
}

Histogram histogram_of(const std::vector<double>& values) {
  Histogram histogram;
  for (const double value : values) histogram.add(value);
  return histogram;
}

TEST(Histogram, ReportsQuantilesWithinItsAccuracy) {
  std::vector<double> values = some_values(1, 20'000);
  const Histogram histogram = histogram_of(values);
  std::sort(values.begin(), values.end());
  for (const double q : {0.0, 0.01, 0.07, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999}) {
    const auto rank = static_cast<std::size_t>(std::max(1.0, std::round(q * 20'000)));
    EXPECT_NEAR(histogram.quantile(q), values[rank - 1], values[rank - 1] * kAccuracy) << q;
  }
}

// For any single value, whatever its place within a bucket.
TEST(Histogram, IsAccurateForEveryValue) {
  for (const double value : some_values(2, 5'000)) {
    Histogram histogram;
    histogram.add(value);
    histogram.add(value * 4);
    EXPECT_NEAR(histogram.quantile(0.5), value, value * kAccuracy) << value;
  }
}

TEST(Histogram, KeepsCountSumAndExtremesExactly) {
  const std::vector<double> values = some_values(3, 1'000);
  const Histogram histogram = histogram_of(values);
  EXPECT_EQ(histogram.count(), 1'000u);
  EXPECT_DOUBLE_EQ(histogram.sum(), std::accumulate(values.begin(), values.end(), 0.0));
  EXPECT_DOUBLE_EQ(histogram.min(), *std::min_element(values.begin(), values.end()));
  EXPECT_DOUBLE_EQ(histogram.max(), *std::max_element(values.begin(), values.end()));
  EXPECT_DOUBLE_EQ(histogram.quantile(1), histogram.max());
}

TEST(Histogram, MergingEqualsAddingAllToOne) {
  const std::vector<double> a = some_values(4, 500), b = some_values(5, 700);
  Histogram merged = histogram_of(a);
  merged.merge(histogram_of(b));
  Histogram both = histogram_of(a);
  for (const double value : b) both.add(value);
  EXPECT_EQ(merged.count(), both.count());
  EXPECT_DOUBLE_EQ(merged.min(), both.min());
  EXPECT_DOUBLE_EQ(merged.max(), both.max());
  EXPECT_NEAR(merged.sum(), both.sum(), both.sum() * 1e-12);
  for (double q = 0; q <= 1; q += 0.05) EXPECT_DOUBLE_EQ(merged.quantile(q), both.quantile(q)) << q;
}

TEST(Histogram, AddingTimesEqualsAddingRepeatedly) {
  Histogram once, repeated;
  once.add(2.5, 3);
  for (int i = 0; i < 3; ++i) repeated.add(2.5);
  EXPECT_EQ(once.count(), repeated.count());
  EXPECT_DOUBLE_EQ(once.sum(), repeated.sum());
  once.add(7, 0);
  EXPECT_EQ(once.count(), 3u);
  EXPECT_DOUBLE_EQ(once.max(), 2.5);
}

TEST(Histogram, UsesTheNearestRankDespiteBinaryFractions) {
  Histogram histogram;
  for (int i = 1; i <= 100; ++i) histogram.add(i);
  EXPECT_NEAR(histogram.quantile(0.07), 7, 7 * kAccuracy);
  EXPECT_NEAR(histogram.quantile(0.55), 55, 55 * kAccuracy);
  EXPECT_NEAR(histogram.quantile(0.071), 8, 8 * kAccuracy);
}

TEST(Histogram, IsZeroWhenEmpty) {
  Histogram empty;
  EXPECT_EQ(empty.quantile(0.5), 0);
  EXPECT_EQ(empty.mean(), 0);
  EXPECT_EQ(empty.min(), 0);
  Histogram one;
  one.add(3);
  one.merge(empty);
  empty.merge(one);
  EXPECT_EQ(empty.min(), 3);
}

TEST(Histogram, CountsZeroNegativeTinyAndHugeValues) {
  Histogram histogram;
  for (const double value : {0.0, -5.0, 1e-9, 1e300}) histogram.add(value);
  EXPECT_EQ(histogram.count(), 4u);
  EXPECT_EQ(histogram.min(), 0);
  EXPECT_EQ(histogram.quantile(0.5), 0);
  EXPECT_EQ(histogram.max(), 1e300);
}

TEST(Histogram, ListsBucketsInOrderWithEveryValueBelowItsBound) {
  const Histogram histogram = histogram_of({1.0, 1.5, 1.5, 1000});
  const auto buckets = histogram.buckets();
  ASSERT_EQ(buckets.size(), 3u);
  EXPECT_GE(buckets[0].upper, 1.0);
  EXPECT_EQ(buckets[1].count, 2u);
  EXPECT_NEAR(buckets[1].upper, 1.5, 0.012);
  EXPECT_GE(buckets[2].upper, 1000);
}

}  // namespace
}  // namespace base
