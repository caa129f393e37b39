#include "harness/player/events.h"

#include <gtest/gtest.h>

namespace harness {
namespace {

TEST(RequestDone, HasFailedUnlessItIsWhatThePlayerAskedForOrGaveUp) {
  EXPECT_FALSE(has_failed({.status = 206}));
  EXPECT_FALSE(has_failed({.failure = kAborted}));
  EXPECT_TRUE(has_failed({.status = 404}));
  EXPECT_TRUE(has_failed({.failure = kTimedOut}));
  EXPECT_TRUE(has_failed({.status = 200, .failure = "malformed"}));
}

}  // namespace
}  // namespace harness
