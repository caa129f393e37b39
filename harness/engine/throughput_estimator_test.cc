#include "harness/engine/throughput_estimator.h"

#include <gtest/gtest.h>

namespace harness {
namespace {

using namespace base::literals;

TEST(ThroughputEstimator, KnowsNothingBeforeTheFirstSample) { EXPECT_FALSE(ThroughputEstimator{kHlsThroughput}.estimate()); }

TEST(ThroughputEstimator, TakesTheFirstSampleAtItsFullValue) {
  ThroughputEstimator estimator{kHlsThroughput};
  estimator.add(base::ByteCount::bytes(1'000'000), 1s);
  EXPECT_NEAR(estimator.estimate()->kbps(), 8000, 1);
}

TEST(ThroughputEstimator, FallsFasterThanItRises) {
  ThroughputEstimator falling{kHlsThroughput}, rising{kHlsThroughput};
  for (int i = 0; i < 20; ++i) {
    falling.add(base::ByteCount::bytes(1'000'000), 1s);
    rising.add(base::ByteCount::bytes(125'000), 1s);
  }
  falling.add(base::ByteCount::bytes(375'000), 3s);
  rising.add(base::ByteCount::bytes(3'000'000), 3s);
  EXPECT_NEAR(falling.estimate()->kbps(), 4500, 100);  // one fast half-life: halfway from 8 to 1 Mbit/s
  EXPECT_NEAR(rising.estimate()->kbps(), 2690, 200);   // a third of the slow half-life
}

TEST(ThroughputEstimator, DoesNotBelieveAnInstantTransfer) {
  ThroughputEstimator estimator{kHlsThroughput};
  estimator.add(250_KiB, 0s);
  EXPECT_LE(estimator.estimate()->kbps(), 800'001);
}

}  // namespace
}  // namespace harness
