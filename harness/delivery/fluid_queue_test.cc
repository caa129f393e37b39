#include "harness/delivery/fluid_queue.h"

#include <gtest/gtest.h>

#include "harness/delivery/delivery_script.h"

namespace harness {
namespace {

using namespace base::literals;

TEST(FluidQueue, ServesAtOnceWhileIdle) {
  FluidQueue queue{1000, 1s};
  EXPECT_EQ(queue.admit(at_second(0), 1), 0s);
  EXPECT_EQ(queue.admit(at_second(0.001), 1), 0s);  // the first took a millisecond
}

// Three at once at 1,000 a second: each takes a millisecond and waits for those before.
TEST(FluidQueue, MakesEachWaitForThoseBefore) {
  FluidQueue queue{1000, 1s};
  EXPECT_EQ(queue.admit(at_second(1), 1), 0s);
  EXPECT_EQ(queue.admit(at_second(1), 1), 1ms);
  EXPECT_EQ(queue.admit(at_second(1), 2), 2ms);
  EXPECT_EQ(queue.backlog(at_second(1)), 4ms);
  EXPECT_EQ(queue.admit(at_second(1.003), 1), 1ms);
  EXPECT_EQ(queue.backlog(at_second(2)), 0s);
}

TEST(FluidQueue, TurnsAwayWhoeverWouldWaitLongerThanItsLimit) {
  FluidQueue queue{10, 200ms};
  EXPECT_EQ(queue.admit(at_second(0), 1), 0s);
  EXPECT_EQ(queue.admit(at_second(0), 1), 100ms);
  EXPECT_EQ(queue.admit(at_second(0), 1), 200ms);
  EXPECT_EQ(queue.admit(at_second(0), 1), std::nullopt);
  EXPECT_EQ(queue.backlog(at_second(0)), 300ms);  // whoever is turned away adds nothing
  EXPECT_EQ(queue.admit(at_second(0.1), 1), 200ms);
}

// 3 a second for ten thousand busy seconds: a third of a second each, and no rounding adds up.
TEST(FluidQueue, DoesNotDriftWhileBusy) {
  FluidQueue queue{3, 24h};
  for (int i = 0; i < 30'000; ++i) queue.admit(at_second(0), 1);
  EXPECT_EQ(queue.backlog(at_second(0)), 10'000s);
}

TEST(FluidQueue, WithoutLimitMakesNobodyWait) {
  FluidQueue queue;
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(queue.admit(at_second(0), 1e12), 0s);
  EXPECT_EQ(queue.service(1e12), 0s);
}

}  // namespace
}  // namespace harness
