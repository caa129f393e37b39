#include "generators/video/sync_marks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "generators/video/frame_identity.h"
#include "generators/video/reencode_for_test.h"
#include "generators/video/video.h"
#include "generators/video/wave.h"

namespace generators {
namespace {

using Seconds = std::vector<double>;

float loudest(std::int64_t first, std::size_t count) {
  std::vector<float> left(count), right(count);
  fill_soundtrack(first, left, right);
  return std::max(*std::max_element(left.begin(), left.end()), *std::max_element(right.begin(), right.end()));
}

TEST(SyncMarks, FlashTakesTheFirstTenthOfASecond) {
  EXPECT_TRUE(is_flash(0, 30) && is_flash(2, 30) && is_flash(60, 30));
  EXPECT_FALSE(is_flash(3, 30) || is_flash(59, 30));
  EXPECT_TRUE(is_flash(24, 24));
  EXPECT_FALSE(is_flash(24, 30));
}

TEST(SyncMarks, BeepIsLoudInTheFirstTenthOfASecondOnly) {
  EXPECT_GT(loudest(kSampleRate * 3 + 200, 4000), 0.35f);
  EXPECT_LT(loudest(kSampleRate * 3 + kSampleRate / 10, kSampleRate * 9 / 10), 0.05f);
}

TEST(SyncMarks, SoundDoesNotDependOnHowItIsCut) {
  std::vector<float> left(4096), right(4096), left_half(2048), right_half(2048);
  fill_soundtrack(46'000, left, right);
  fill_soundtrack(46'000 + 2048, left_half, right_half);
  EXPECT_TRUE(std::equal(left_half.begin(), left_half.end(), left.begin() + 2048));
}

TEST(SyncMarks, SidesCarryDifferentTones) {
  std::vector<float> left(4800), right(4800);
  fill_soundtrack(kSampleRate / 2, left, right);
  EXPECT_NE(left, right);
}

TEST(Wave, IsTheSine) {
  for (double turns = -2; turns < 2; turns += 0.001) ASSERT_NEAR(sine(turns), std::sin(turns * 2 * 3.14159265358979), 1e-5) << turns;
}

double band_light(const AVFrame& frame) {
  double sum = 0;
  const int top = frame.height * (kGridRows - kSyncBandRows) / kGridRows + 2;
  for (int y = top; y < frame.height; ++y)
    for (int x = 0; x < frame.width; ++x) sum += frame.data[0][y * frame.linesize[0] + x];
  return sum / ((frame.height - top) * frame.width);
}

Seconds flashes_in(const std::string& file) {
  Seconds begins;
  bool white = false;
  for_each_frame(file, AVMEDIA_TYPE_VIDEO, [&](const AVFrame& frame) {
    if (!white && band_light(frame) > 180) begins.push_back(static_cast<double>(frame.pts) / 1e6);
    white = band_light(frame) > 180;
  });
  return begins;
}

Seconds beeps_in(const std::string& file) {
  Seconds begins;
  double quiet_until = -1;
  for_each_frame(file, AVMEDIA_TYPE_AUDIO, [&](const AVFrame& frame) {
    for (int i = 0; i < frame.nb_samples; ++i) {
      const double at = static_cast<double>(frame.pts) / 1e6 + static_cast<double>(i) / kSampleRate;
      if (std::abs(reinterpret_cast<const float*>(frame.data[0])[i]) < 0.2f) continue;
      if (at > quiet_until) begins.push_back(at);
      quiet_until = at + 0.3;
    }
  });
  return begins;
}

TEST(SyncMarks, BeepAndFlashCoincideInTheFile) {
  const ScratchFile file{"sync"};
  generate_video(
      {.pattern = Pattern::kSports, .width = 320, .height = 180, .duration = std::chrono::seconds{4}, .bitrate = {}, .file = file.path()},
      {});
  const Seconds flashes = flashes_in(file.path()), beeps = beeps_in(file.path());
  ASSERT_EQ(flashes.size(), 4u);
  ASSERT_EQ(beeps.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(flashes[i], static_cast<double>(i), 0.001);
    EXPECT_NEAR(beeps[i], flashes[i], 0.005);
  }
}

}  // namespace
}  // namespace generators
