#include "harness/engine/media3_live_speed.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"

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

// Segments of 6 s that come within 2 s, now and then 3 s late: how far looks a second apart and where media begins to come are off those
// that the player takes every 10 ms.
TEST(Media3LiveSpeed, SeesWithFewLooksWhatThePlayerSeesWithMany) {
  Media3LiveSpeed few, many;
  few.aim(8s), many.aim(8s);
  const base::Duration latency = 12s;
  base::Duration buffered = 6s;
  base::Random random{3};
  base::Duration until_next = 4s, left{};
  double most_off = 0, most_moved = 0;
  for (base::Duration at{}; at < 10min; at += 10ms) {
    const bool begins = left.count() <= 0 && until_next.count() <= 0;
    many.speed(kSteered + at, latency, buffered);
    if (few.is_due(kSteered + at) || begins) few.speed(kSteered + at, latency, buffered);
    most_off = std::max(most_off, std::abs(base::to_seconds(few.target() - many.target())));
    most_moved = std::max(most_moved, base::to_seconds(many.target()) - 8);
    if (begins) {
      left = 2s;
      until_next = random.chance(0.1) ? 9s : 6s;
    }
    const bool comes = left.count() > 0;
    buffered = std::clamp<base::Duration>(buffered - 10ms + (comes ? 30ms : 0ms), {}, 8s);
    left -= comes ? 10ms : 0ms;
    until_next -= 10ms;
  }
  EXPECT_GT(most_moved, 1);
  EXPECT_LT(most_off, 0.05 * most_moved);
}

}  // namespace
}  // namespace harness
