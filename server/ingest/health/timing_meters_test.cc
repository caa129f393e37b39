#include <gtest/gtest.h>

#include "server/ingest/health/dwell.h"
#include "server/ingest/health/jump_meter.h"
#include "server/ingest/health/skew_meter.h"

namespace server {
namespace {

using namespace base::literals;
const base::Instant kZero{300s};

TEST(Dwell, RaisesWhenTheConditionHasLastedAndClearsWhenItHasNot) {
  const DwellTimes times{.raise_after = 2s, .clear_after = 1s};
  Dwell dwell;
  EXPECT_EQ(dwell.observe(kZero + 1999ms, kZero, times), Dwell::Change::kNone);
  EXPECT_EQ(dwell.observe(kZero + 2s, kZero, times), Dwell::Change::kRaised);
  EXPECT_EQ(dwell.since(), kZero);
  EXPECT_EQ(dwell.observe(kZero + 3s, std::nullopt, times), Dwell::Change::kNone);
  EXPECT_EQ(dwell.observe(kZero + 3999ms, std::nullopt, times), Dwell::Change::kNone);
  EXPECT_EQ(dwell.observe(kZero + 4s, std::nullopt, times), Dwell::Change::kCleared);
}

TEST(Dwell, FlickerKeepsTheStateItIsIn) {
  const DwellTimes times{.raise_after = 1s, .clear_after = 1s};
  Dwell dwell;
  for (base::Instant now = kZero; now < kZero + 20s; now += 900ms) {
    EXPECT_EQ(dwell.observe(now, now - 500ms, times), Dwell::Change::kNone);
    EXPECT_EQ(dwell.observe(now + 450ms, std::nullopt, times), Dwell::Change::kNone);
  }
  ASSERT_EQ(dwell.observe(kZero + 30s, kZero + 28s, times), Dwell::Change::kRaised);
  for (base::Instant now = kZero + 31s; now < kZero + 50s; now += 900ms) {
    EXPECT_EQ(dwell.observe(now, std::nullopt, times), Dwell::Change::kNone);
    EXPECT_EQ(dwell.observe(now + 450ms, now, times), Dwell::Change::kNone);
  }
}

TEST(Dwell, WhatIsForgottenDoesNotCountTowardsClearing) {
  const DwellTimes times{.raise_after = 0s, .clear_after = 1s};
  Dwell dwell;
  dwell.observe(kZero, kZero, times);
  dwell.observe(kZero + 1s, std::nullopt, times);
  dwell.forget();
  EXPECT_TRUE(dwell.is_raised());
  EXPECT_EQ(dwell.observe(kZero + 9s, std::nullopt, times), Dwell::Change::kNone);
}

// Pictures 40 ms apart, and the jump that each shows.
class Pictures {
 public:
  std::optional<base::Duration> next(base::Duration arrives_after = 40ms, base::Duration moves = 40ms) {
    arrived += arrives_after;
    timestamp += moves;
    return meter.take(arrived, timestamp, 1s);
  }
  bool goes_on(int pictures, base::Duration arrives_after = 40ms, base::Duration moves = 40ms) {
    bool steady = true;
    for (int i = 0; i < pictures; ++i) steady &= !next(arrives_after, moves);
    return steady;
  }
  base::Instant arrived = kZero;
  base::Duration timestamp = 100s;
  JumpMeter meter;
};

TEST(JumpMeter, SteadyPicturesDoNotJump) {
  Pictures pictures;
  EXPECT_TRUE(pictures.goes_on(1000));
}

TEST(JumpMeter, RestartAtZeroIsAJumpBackAndOnlyOne) {
  Pictures pictures;
  EXPECT_TRUE(pictures.goes_on(100));
  pictures.timestamp = -40ms;
  const auto jump = pictures.next();
  ASSERT_TRUE(jump);
  EXPECT_NEAR(base::to_seconds(*jump), -104.04, 0.001);
  EXPECT_TRUE(pictures.goes_on(100));
}

TEST(JumpMeter, SmallestStepBackIsAJump) {
  Pictures pictures;
  pictures.goes_on(10);
  EXPECT_TRUE(pictures.next(40ms, -1ms));
}

TEST(JumpMeter, AheadOfArrivalIsAJumpBeyondTheLimit) {
  Pictures pictures;
  pictures.goes_on(100);
  EXPECT_FALSE(pictures.next(40ms, 40ms + 990ms));
  Pictures others;
  others.goes_on(100);
  const auto jump = others.next(40ms, 40ms + 1100ms);
  ASSERT_TRUE(jump);
  EXPECT_EQ(*jump, 1100ms);
}

TEST(JumpMeter, OutageWithItsTimeMissingIsNoJump) {
  Pictures pictures;
  pictures.goes_on(100);
  EXPECT_FALSE(pictures.next(7s, 7s));
  EXPECT_TRUE(pictures.goes_on(100));
}

TEST(JumpMeter, BurstAfterAStallIsNoJump) {
  Pictures pictures;
  pictures.goes_on(100);
  EXPECT_FALSE(pictures.next(10s, 40ms));
  EXPECT_TRUE(pictures.goes_on(249, 1ms));  // caught up
  EXPECT_TRUE(pictures.goes_on(200));
}

TEST(JumpMeter, BehindForGoodIsAJumpOnce) {
  Pictures pictures;
  pictures.goes_on(100);
  EXPECT_FALSE(pictures.next(10s, 40ms));
  EXPECT_TRUE(pictures.goes_on(74));  // 3 s, less a picture
  const auto jump = pictures.next();
  ASSERT_TRUE(jump);
  EXPECT_NEAR(base::to_seconds(*jump), -9.96, 0.01);
  EXPECT_TRUE(pictures.goes_on(200));
}

TEST(JumpMeter, ClocksThatDriftApartNeverJump) {
  Pictures pictures;
  EXPECT_TRUE(pictures.goes_on(25 * 3600 * 4, 40ms, 40ms + 20us));  // 500 millionths, 7.2 s in four hours
}

// Both tracks, each late by so much.
std::optional<base::Duration> skew_after(SkewMeter& meter, base::Instant from, base::Duration video_late, base::Duration audio_late,
                                         base::Duration lasts) {
  for (base::Duration at{}; at < lasts; at += 20ms) {
    meter.take_picture(from + at + video_late, at);
    meter.take_sound(from + at + audio_late, at);
  }
  return meter.skew();
}

TEST(SkewMeter, IsHowMuchLaterTheSoundComes) {
  SkewMeter later, earlier;
  EXPECT_NEAR(base::to_milliseconds(*skew_after(later, kZero, 50ms, 250ms, 2s)), 200, 0.1);
  EXPECT_NEAR(base::to_milliseconds(*skew_after(earlier, kZero, 350ms, 50ms, 2s)), -300, 0.1);
}

TEST(SkewMeter, OneTrackHasNoSkew) {
  SkewMeter meter;
  meter.take_picture(kZero, 0s);
  EXPECT_FALSE(meter.skew());
  EXPECT_FALSE(meter.apart_since(kZero, 1ms));
}

TEST(SkewMeter, BurstsAreSmoothedToTheirMean) {
  SkewMeter meter;
  for (int i = 0; i < 500; ++i) {
    meter.take_picture(kZero + i * 20ms, i * 20ms);
    meter.take_sound(kZero + i / 5 * 100ms + 80ms, i * 20ms);  // five blocks come with the last of them
  }
  EXPECT_NEAR(base::to_milliseconds(*meter.skew()), 40, 5);
}

TEST(SkewMeter, RestartIsTakenOverAtOnce) {
  SkewMeter meter;
  skew_after(meter, kZero, 0ms, 0ms, 10s);
  EXPECT_NEAR(base::to_milliseconds(*skew_after(meter, kZero + 60s, 0ms, 100ms, 20ms)), 100, 0.1);
}

TEST(SkewMeter, ApartSinceTheSkewIsBeyondTheLimit) {
  SkewMeter meter;
  skew_after(meter, kZero, 0ms, 500ms, 2s);
  EXPECT_EQ(meter.apart_since(kZero + 2s, 400ms), kZero + 2s);
  EXPECT_EQ(meter.apart_since(kZero + 3s, 400ms), kZero + 2s);
  EXPECT_FALSE(meter.apart_since(kZero + 4s, 600ms));
}

}  // namespace
}  // namespace server
