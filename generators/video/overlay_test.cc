#include "generators/video/overlay.h"

#include <gtest/gtest.h>

#include "generators/video/frame_identity.h"
#include "generators/video/sync_marks.h"

namespace generators {
namespace {

TEST(Overlay, ClockShowsHoursToMilliseconds) {
  EXPECT_EQ(clock_text(0, 30), "00:00:00.000");
  EXPECT_EQ(clock_text(1, 30), "00:00:00.033");
  EXPECT_EQ(clock_text(111, 30), "00:00:03.700");
  EXPECT_EQ(clock_text(25 * 3600 * 24 - 1, 25), "23:59:59.960");
}

TEST(Overlay, CarriesTheFrameNumberAndTheLowestByteOfTheSeed) {
  const VideoSpec spec{.width = 426, .height = 240, .seed = 0xABCD, .bitrate = {}, .file = ""};
  PictureBuffer buffer{426, 240};
  Overlay{spec}.draw(buffer.picture(), kFrameNumbers + 5);
  EXPECT_EQ(read_frame_identity(buffer.picture().y), (FrameIdentity{.source = 0xCD, .frame = 5}));
}

TEST(Overlay, BandIsWhiteWhileFlashing) {
  const VideoSpec spec{.width = 640, .height = 360, .bitrate = {}, .file = ""};
  PictureBuffer buffer{640, 360};
  const Overlay overlay{spec};
  overlay.draw(buffer.picture(), 30);
  EXPECT_EQ(buffer.picture().y.row(340)[630], kWhite.y);
  overlay.draw(buffer.picture(), 35);
  EXPECT_LT(buffer.picture().y.row(340)[630], 60);
}

TEST(Overlay, FitsIntoTheSmallestAndTallPictures) {
  for (const auto& [width, height] : {std::pair{160, 120}, {160, 2160}, {3840, 120}}) {
    const VideoSpec spec{.width = width, .height = height, .fps = 120, .bitrate = {}, .file = ""};
    PictureBuffer buffer{width, height};
    Overlay{spec}.draw(buffer.picture(), 10'000'000);
    EXPECT_TRUE(read_frame_identity(buffer.picture().y)) << width << "x" << height;
  }
}

}  // namespace
}  // namespace generators
