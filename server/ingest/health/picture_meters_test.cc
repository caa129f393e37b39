#include <gtest/gtest.h>

#include "server/ingest/health/black_meter.h"
#include "server/ingest/health/freeze_meter.h"
#include "server/ingest/health/luma_grid.h"
#include "server/ingest/health/meters_for_test.h"

namespace server {
namespace {

using namespace base::literals;
const base::Instant kFirst{50s};

LumaGrid grid_of(const LumaOf& luma, AVPixelFormat format = AV_PIX_FMT_YUV420P, int width = 640, int height = 360) {
  LumaGrid grid;
  EXPECT_TRUE(grid.take(*make_picture(width, height, luma, format)));
  return grid;
}

TEST(LumaGrid, MeanAndSpreadAreThePictures) {
  EXPECT_DOUBLE_EQ(grid_of(flat(81)).mean(), 81);
  EXPECT_DOUBLE_EQ(grid_of(flat(81)).spread(), 0);
  const LumaGrid halves = grid_of([](int x, int) { return x < 320 ? 50 : 150; });
  EXPECT_DOUBLE_EQ(halves.mean(), 100);
  EXPECT_DOUBLE_EQ(halves.spread(), 50);
}

TEST(LumaGrid, ReadsTheHighestEightBitsOfDeeperFormats) {
  for (const AVPixelFormat format : {AV_PIX_FMT_YUV420P10LE, AV_PIX_FMT_P010LE, AV_PIX_FMT_YUV422P10LE})
    EXPECT_DOUBLE_EQ(grid_of(flat(400), format).mean(), 100) << av_get_pix_fmt_name(format);
}

TEST(LumaGrid, ReadsLumaWhereverTheFormatHasIt) {
  for (const AVPixelFormat format : {AV_PIX_FMT_NV12, AV_PIX_FMT_YUYV422, AV_PIX_FMT_UYVY422, AV_PIX_FMT_GRAY8, AV_PIX_FMT_YUV444P})
    EXPECT_DOUBLE_EQ(grid_of(flat(77), format).mean(), 77) << av_get_pix_fmt_name(format);
}

TEST(LumaGrid, FullRangeIsToldInLimitedRange) {
  EXPECT_DOUBLE_EQ(grid_of(flat(0), AV_PIX_FMT_YUVJ420P).mean(), 16);
  EXPECT_DOUBLE_EQ(grid_of(flat(255), AV_PIX_FMT_YUVJ420P).mean(), 235);
}

TEST(LumaGrid, PictureWithoutReadableLumaIsRefused) {
  LumaGrid grid;
  EXPECT_FALSE(grid.take(*make_picture(64, 64, flat(50), AV_PIX_FMT_RGB24)));
  const std::shared_ptr<AVFrame> empty{av_frame_alloc(), [](AVFrame* frame) { av_frame_free(&frame); }};
  EXPECT_FALSE(grid.take(*empty));
}

TEST(LumaGrid, AnySizeWillDo) {
  for (const auto& [width, height] : {std::pair{1, 1}, {2, 2}, {63, 35}, {1920, 1080}, {17, 4000}})
    EXPECT_DOUBLE_EQ(grid_of(flat(90), AV_PIX_FMT_YUV420P, width, height).mean(), 90) << width << "x" << height;
}

// Pictures 40 ms apart.
class Watched {
 public:
  void sees(const LumaOf& luma, int pictures = 1) {
    for (; pictures > 0; --pictures, now += 40ms) {
      const LumaGrid grid = grid_of(luma);
      freeze.take(now, grid, 0.5);
      black.take(now, grid, {.luma = 25, .spread = 5});
    }
  }
  base::Instant now = kFirst;
  FreezeMeter freeze;
  BlackMeter black;
};

TEST(FreezeMeter, MovingPicturesAreNotStill) {
  Watched pictures;
  for (std::uint64_t i = 0; i < 20; ++i) {
    pictures.sees(scene(i));
    EXPECT_FALSE(pictures.freeze.still_since());
  }
}

TEST(FreezeMeter, StillSinceTheFirstOfTheEqualPictures) {
  Watched pictures;
  for (std::uint64_t i = 0; i < 5; ++i) pictures.sees(scene(i));
  const base::Instant frozen = pictures.now;
  pictures.sees(scene(99), 10);
  EXPECT_EQ(pictures.freeze.still_since(), frozen);
  pictures.sees(scene(100));
  EXPECT_FALSE(pictures.freeze.still_since());
}

TEST(FreezeMeter, NoiseOfCodingIsStill) {
  Watched pictures;
  for (int i = 0; i < 10; ++i) pictures.sees([i](int x, int y) { return scene(3)(x, y) + ((x / 10 + y / 10 + i) % 8 == 0 ? 1 : 0); });
  EXPECT_EQ(pictures.freeze.still_since(), kFirst);
}

// A still picture a shade brighter with each repaint.
LumaOf repainted(int times) {
  return [times](int x, int y) { return scene(3)(x, y) + 2 * times; };
}

TEST(FreezeMeter, KeyFramesOfAFrozenPictureAreNoMotion) {
  Watched pictures;
  for (int key_frame = 0; key_frame < 6; ++key_frame) pictures.sees(repainted(key_frame % 2), 25);
  EXPECT_EQ(pictures.freeze.still_since(), kFirst);
}

TEST(FreezeMeter, SmallChangesThatGoOnAreMotion) {
  Watched pictures;
  pictures.sees(repainted(0), 50);
  const base::Instant moves = pictures.now;
  for (int i = 1; i <= 10; ++i) pictures.sees(repainted(i % 3));
  EXPECT_FALSE(pictures.freeze.still_since());
  EXPECT_GT(pictures.now - moves, 200ms);
}

TEST(FreezeMeter, PicturesSentTwiceAreMotion) {
  Watched pictures;
  for (int i = 0; i < 50; ++i) {
    pictures.sees(repainted(i % 3), 2);
    if (pictures.freeze.still_since()) {
      EXPECT_GE(*pictures.freeze.still_since(), pictures.now - 80ms);
    }
  }
}

TEST(FreezeMeter, SlowFadeAddsUpToMotion) {
  Watched pictures;
  bool moved = false;
  for (int i = 0; i < 50; ++i) {
    // One sample in five a level brighter with each picture: 0.2 from one to the next.
    pictures.sees([i](int x, int y) { return 60 + (i + (x / 10 + y / 10) % 5) / 5; });
    moved |= i > 0 && !pictures.freeze.still_since();
  }
  EXPECT_TRUE(moved);
}

TEST(BlackMeter, BlackIsDarkAndEven) {
  Watched pictures;
  pictures.sees(flat(16), 5);
  EXPECT_EQ(pictures.black.black_since(), kFirst);
  EXPECT_DOUBLE_EQ(pictures.black.luma(), 16);
  pictures.sees(flat(40));
  EXPECT_FALSE(pictures.black.black_since());
}

TEST(BlackMeter, NoisyBlackIsBlack) {
  Watched pictures;
  pictures.sees([](int x, int y) { return 16 + (x / 10 * 7 + y / 10 * 3) % 6; });
  EXPECT_TRUE(pictures.black.black_since());
}

TEST(BlackMeter, SmallBrightLogoOnBlackIsAPicture) {
  Watched pictures;
  pictures.sees([](int x, int y) { return x < 64 && y < 36 ? 235 : 16; });
  EXPECT_LT(pictures.black.luma(), 25);
  EXPECT_FALSE(pictures.black.black_since());
}

}  // namespace
}  // namespace server
