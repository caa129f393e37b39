#include "harness/engine/media3_live_speed.h"

#include <gtest/gtest.h>

namespace harness {
namespace {

using namespace base::literals;

constexpr base::Instant kSteered{100s};

TEST(Media3LiveSpeed, IsOneWithoutAnAim) { EXPECT_EQ(Media3LiveSpeed{}.speed(kSteered, 30s, 1s), 1); }

// 1 + 0.1 x (latency - target), the safe distance being well below the target.
TEST(Media3LiveSpeed, IsProportionalToTheErrorWithinThreePercent) {
  const struct {
    base::Duration latency;
    double speed;
  } cases[] = {{10s, 1}, {10019ms, 1}, {10200ms, 1.02}, {10500ms, 1.03}, {9900ms, 0.99}, {9s, 0.97}};
  for (const auto& each : cases) {
    Media3LiveSpeed control;
    control.aim(10s);
    EXPECT_NEAR(control.speed(kSteered, each.latency, 8s), each.speed, 1e-9) << base::to_seconds(each.latency);
  }
}

TEST(Media3LiveSpeed, ChangesOnceASecond) {
  Media3LiveSpeed control;
  control.aim(10s);
  control.speed(kSteered, 10200ms, 8s);
  EXPECT_NEAR(control.speed(kSteered + 999ms, 10s, 8s), 1.02, 1e-9);
  EXPECT_EQ(control.next_update(), kSteered + 1s);
  EXPECT_NEAR(control.speed(kSteered + 1s, 10s, 8s), 1, 1e-9);
}

// Half a second away at once; back by 0.03 s a second, for the speed it takes.
TEST(Media3LiveSpeed, MovesAwayWhenItRebuffersAndComesBackSlowly) {
  Media3LiveSpeed control;
  control.aim(10s);
  control.speed(kSteered, 10s, 8s);
  control.rebuffered();
  EXPECT_EQ(control.target(), base::Duration{10500ms});
  control.speed(kSteered + 1s, 10500ms, 8s);
  EXPECT_NEAR(base::to_seconds(control.target()), 10.47, 1e-6);
  for (int i = 2; i < 40; ++i) control.speed(kSteered + i * 1s, control.target(), 8s);
  EXPECT_NEAR(base::to_seconds(control.target()), 10, 1e-6);
}

// Only 1 s is buffered 10 s behind now: it could be no closer than 9 s, whatever the aim.
TEST(Media3LiveSpeed, StaysAtADistanceThatTheBufferShowsToBeSafe) {
  Media3LiveSpeed control;
  control.aim(6s);
  control.speed(kSteered, 10s, 1s);
  EXPECT_NEAR(base::to_seconds(control.target()), 9, 1e-6);
}

}  // namespace
}  // namespace harness
