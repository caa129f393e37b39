#include "server/ingest/health/sound_meter.h"

#include <gtest/gtest.h>

#include <cmath>

#include "server/ingest/health/meters_for_test.h"

namespace server {
namespace {

using namespace base::literals;
const base::Instant kFirstSound{7s};

TEST(SoundMeter, LevelIsTheRootMeanSquare) {
  EXPECT_NEAR(level_of(make_sound(1, 48000)), -3.01, 0.01);
  EXPECT_NEAR(level_of(make_sound(0.1, 48000)), -23.01, 0.01);
  EXPECT_EQ(level_of(make_sound(0)), kLowestLevel);
  EXPECT_EQ(level_of(AudioBlock{}), kLowestLevel);
}

TEST(SoundMeter, OneChannelIsEnoughToBeHeard) {
  AudioBlock block = make_sound(1, 48000);
  std::fill(block.left.begin(), block.left.end(), 0.0f);
  EXPECT_NEAR(level_of(block), -6.02, 0.01);
}

TEST(SoundMeter, SamplesThatAreNoNumbersAreSilence) {
  AudioBlock block = make_sound(1, 64);
  block.left[7] = std::nanf("");
  EXPECT_EQ(level_of(block), kLowestLevel);
}

TEST(SoundMeter, NoiseBelowTheLimitIsSilence) {
  SoundMeter meter;
  meter.take(kFirstSound, make_noise(0.001, 1), -60);  // uniform: 4.8 dB below its peak of -60
  EXPECT_NEAR(meter.level(), -64.8, 0.5);
  EXPECT_EQ(meter.silent_since(kFirstSound + 10ms, 500ms), kFirstSound);
  meter.take(kFirstSound + 20ms, make_noise(0.01, 2), -60);
  EXPECT_FALSE(meter.silent_since(kFirstSound + 20ms, 500ms));
}

TEST(SoundMeter, SoundThatStaysAwayIsSilenceSinceTheLast) {
  SoundMeter meter;
  EXPECT_FALSE(meter.silent_since(kFirstSound + 1h, 500ms));  // there never was any
  meter.take(kFirstSound, make_sound(0.5), -60);
  EXPECT_FALSE(meter.silent_since(kFirstSound + 500ms, 500ms));
  EXPECT_EQ(meter.silent_since(kFirstSound + 501ms, 500ms), kFirstSound);
}

}  // namespace
}  // namespace server
