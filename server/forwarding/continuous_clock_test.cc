#include "server/forwarding/continuous_clock.h"

#include <gtest/gtest.h>

namespace server {
namespace {

using namespace std::chrono_literals;
using Placed = ContinuousClock::Times;

struct Clock {
  // `at`: the source's time, `now`: when it arrived.
  std::optional<Placed> video(base::Duration at, base::Duration now, base::Duration shown_after = 0ms) {
    return clock.place({.track = PacketTrack::kVideo, .decode = at, .present = at + shown_after, .arrived = base::Instant{} + now});
  }
  std::optional<Placed> sound(base::Duration at, base::Duration now) {
    return clock.place({.track = PacketTrack::kAudio, .decode = at, .present = at, .arrived = base::Instant{} + now});
  }
  ContinuousClock clock;
};

constexpr Placed at(base::Duration time) { return {time, time}; }

TEST(ContinuousClock, BeginsAtZeroAndKeepsTheSourcesDistances) {
  Clock clock;
  EXPECT_EQ(clock.video(5000s, 10s, 80ms), (Placed{0ms, 80ms}));
  EXPECT_EQ(clock.sound(5000s + 12ms, 10s), at(12ms));
  EXPECT_EQ(clock.video(5000s + 40ms, 10s + 55ms, 0ms), at(40ms)) << "the way's jitter is not the source's";
}

TEST(ContinuousClock, LeavesOutSoundFromBeforeTheFirstPicture) {
  Clock clock;
  clock.video(100s, 0s);
  EXPECT_EQ(clock.sound(100s - 200ms, 0s), std::nullopt);
  EXPECT_EQ(clock.sound(100s + 1ms, 0s), at(1ms));
}

TEST(ContinuousClock, GoesOnByTheWallClockAfterAnEncoderWasStartedAnew) {
  Clock clock;
  clock.video(100s, 0s);
  clock.sound(100s, 0s);
  EXPECT_EQ(clock.video(0s, 3s), at(3s));
  EXPECT_EQ(clock.sound(10ms, 3s), at(3s + 10ms)) << "sound keeps its distance from the pictures";
  EXPECT_EQ(clock.video(40ms, 3s + 40ms), at(3s + 40ms));
}

TEST(ContinuousClock, TakesOneJumpForBothTracksInWhateverOrderTheyAreMuxed) {
  Clock clock;
  clock.video(100s, 0s);
  clock.sound(100s, 0s);
  EXPECT_EQ(clock.video(9000s, 40ms), at(40ms));
  EXPECT_EQ(clock.sound(100s + 21ms, 41ms), at(21ms)) << "still from before the jump";
  EXPECT_EQ(clock.video(9000s + 40ms, 80ms), at(80ms));
  EXPECT_EQ(clock.sound(9000s + 2ms, 82ms), at(42ms));
}

TEST(ContinuousClock, KeepsTheDistancesOverAPauseThatTheTimestampsTellOf) {
  Clock clock;
  clock.video(100s, 0s);
  clock.sound(100s + 5ms, 0s);
  EXPECT_EQ(clock.video(107s, 7100ms), at(7s));
  EXPECT_EQ(clock.sound(107s + 5ms, 7100ms), at(7005ms));
}

TEST(ContinuousClock, PutsSoundThatPausedBackBesideThePictures) {
  Clock clock;
  clock.video(100s, 0s);
  clock.sound(100s, 0s);
  for (int i = 1; i <= 100; ++i) clock.video(100s + i * 40ms, i * 20ms);  // faster than in real time
  EXPECT_EQ(clock.sound(104s, 2s), at(4s));
}

TEST(ContinuousClock, NeverGoesBack) {
  Clock clock;
  clock.video(100s, 0s);
  clock.sound(100s, 0s);
  clock.sound(100s + 300ms, 0s);
  EXPECT_EQ(clock.video(100s - 3ms, 1ms), at(1ms));
  EXPECT_EQ(clock.sound(100s + 280ms, 2ms), std::nullopt) << "it overlaps";
  const auto anew = clock.video(99s, 30ms);  // another file begins
  ASSERT_TRUE(anew);
  EXPECT_GT(anew->decode, 1ms);
}

// A clip that is repeated with its own timestamps.
TEST(ContinuousClock, JoinsAShortClipThatLoops) {
  Clock clock;
  base::Duration last = -1ms;
  for (int i = 0; i < 400; ++i) {
    const auto placed = clock.video((i % 10) * 40ms, i * 40ms);
    ASSERT_TRUE(placed);
    EXPECT_GT(placed->decode, last);
    EXPECT_LE(std::chrono::abs(placed->decode - i * 40ms), 1ms) << i;
    last = placed->decode;
  }
}

}  // namespace
}  // namespace server
