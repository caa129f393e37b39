#include "server/ingest/new_picture.h"

#include <gtest/gtest.h>

#include "base/errors.h"

namespace server {
namespace {

TEST(NewPicture, CanBeDrawnInto) {
  const AvFramePtr picture = new_picture(161, 90, "make");
  EXPECT_EQ(picture->format, AV_PIX_FMT_YUV420P);
  EXPECT_EQ(picture->width, 161);
  EXPECT_EQ(picture->height, 90);
  for (int plane = 0; plane < 3; ++plane) EXPECT_GE(picture->linesize[plane], plane == 0 ? 161 : 81);
  EXPECT_TRUE(av_frame_is_writable(picture.get()));
}

TEST(NewPicture, SaysWhatItWasFor) {
  try {
    new_picture(0, 90, "turn");
    FAIL();
  } catch (const base::RunFailed& failure) {
    EXPECT_STREQ(failure.what(), "turn a picture of 0x90: Invalid argument");
  }
}

}  // namespace
}  // namespace server
