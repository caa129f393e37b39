#include "server/ingest/format_watch.h"

#include <gtest/gtest.h>

#include "server/ingest/av_handles.h"

namespace server {
namespace {

VideoFrame picture(int width, int height, double rate) {
  AvFramePtr frame{av_frame_alloc()};
  frame->width = width;
  frame->height = height;
  return {.picture = share(std::move(frame)), .arrived = {}, .captured = {}, .frames_per_second = rate};
}

AudioBlock sound(int channels, int rate) { return {.left = {}, .right = {}, .arrived = {}, .sent = {channels, rate}}; }

TEST(FormatWatch, SaysWhatComesFirstAndThenWhatChanges) {
  FormatWatch watch;
  EXPECT_EQ(watch.take(picture(640, 360, 30)), "640x360 at 30 fps");
  EXPECT_EQ(watch.take(picture(640, 360, 30)), std::nullopt);
  EXPECT_EQ(watch.take(picture(1280, 720, 30)), "1280x720 at 30 fps; before: 640x360 at 30 fps");
  EXPECT_EQ(watch.take(sound(2, 48000)), "2 channels at 48000 Hz");
  EXPECT_EQ(watch.take(sound(2, 48000)), std::nullopt);
  EXPECT_EQ(watch.take(sound(1, 44100)), "1 channel at 44100 Hz; before: 2 channels at 48000 Hz");
}

TEST(FormatWatch, LearnsTheRateWhenItIsKnown) {
  FormatWatch watch;
  EXPECT_EQ(watch.take(picture(640, 360, 0)), "640x360");
  EXPECT_EQ(watch.take(picture(640, 360, 25)), "640x360 at 25 fps; before: 640x360");
}

TEST(FormatWatch, BelievesANewRateWhenItLasts) {
  FormatWatch watch;
  watch.take(picture(640, 360, 30));
  for (int i = 0; i < 29; ++i) EXPECT_EQ(watch.take(picture(640, 360, 25)), std::nullopt);
  EXPECT_EQ(watch.take(picture(640, 360, 25)), "640x360 at 25 fps; before: 640x360 at 30 fps");
}

TEST(FormatWatch, TakesRoundedTimesAndALostPictureForTheSameRate) {
  FormatWatch watch;
  watch.take(picture(640, 360, 1 / 0.033));
  for (int i = 0; i < 200; ++i) {
    const double rate = i % 20 == 19 ? 15 : 1 / (i % 3 == 0 ? 0.034 : 0.033);
    EXPECT_EQ(watch.take(picture(640, 360, rate)), std::nullopt) << i;
  }
}

}  // namespace
}  // namespace server
