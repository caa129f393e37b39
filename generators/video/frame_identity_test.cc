#include "generators/video/frame_identity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/random.h"
#include "generators/video/reencode_for_test.h"
#include "generators/video/video.h"

namespace generators {
namespace {

struct Luma {
  Luma(int width, int height) : pixels(static_cast<std::size_t>(width * height), 90), plane{pixels.data(), width, width, height} {}
  std::vector<std::uint8_t> pixels;
  Plane plane;
};

TEST(FrameIdentity, IsReadBackFromAnySize) {
  for (const auto& [width, height] :
       {std::pair{160, 120}, {320, 180}, {426, 240}, {640, 360}, {854, 480}, {1280, 720}, {1920, 1080}, {3840, 2160}, {720, 1280}}) {
    Luma luma{width, height};
    for (const std::uint32_t frame : {0u, 1u, 108'000u, kFrameNumbers - 1}) {
      const FrameIdentity identity{.source = static_cast<std::uint8_t>(frame * 7 + 3), .frame = frame};
      draw_frame_identity(luma.plane, identity);
      EXPECT_EQ(read_frame_identity(luma.plane), identity) << width << "x" << height;
    }
  }
}

TEST(FrameIdentity, DrawsInsideItsCornerOnly) {
  Luma luma{480, 270};
  draw_frame_identity(luma.plane, {.source = 255, .frame = kFrameNumbers - 1});
  for (int y = 0; y < 270; ++y)
    for (int x = 0; x < 480; ++x)
      ASSERT_TRUE((x < 10 * kIdentityColumns && y < 10 * kIdentityRows) || luma.plane.row(y)[x] == 90) << x << "," << y;
}

TEST(FrameIdentity, EveryWrongCellIsNoticed) {
  for (int cell = 0; cell < 48; ++cell) {
    Luma luma{480, 270};
    draw_frame_identity(luma.plane, {.source = 1, .frame = 4711});
    const int left = 15 + 10 * (cell % 16), top = 5 + 10 * (cell / 16);
    const auto inverted = static_cast<std::uint8_t>(251 - luma.plane.row(top + 5)[left + 5]);
    for (int y = top; y < top + 10; ++y) std::fill_n(luma.plane.row(y) + left, 10, inverted);
    EXPECT_EQ(read_frame_identity(luma.plane), std::nullopt) << "cell " << cell;
  }
}

TEST(FrameIdentity, IsReadAtReducedContrast) {
  Luma luma{426, 240};
  draw_frame_identity(luma.plane, {.source = 9, .frame = 77});
  for (auto& pixel : luma.pixels) pixel = static_cast<std::uint8_t>(60 + pixel / 3);
  EXPECT_EQ(read_frame_identity(luma.plane), (FrameIdentity{.source = 9, .frame = 77}));
}

TEST(FrameIdentity, IsNotFoundInAFlatPicture) { EXPECT_EQ(read_frame_identity(Luma{640, 360}.plane), std::nullopt); }

TEST(FrameIdentity, IsNotFoundInAPictureTooSmall) { EXPECT_EQ(read_frame_identity(Luma{64, 36}.plane), std::nullopt); }

TEST(FrameIdentity, RandomPicturesAreRejected) {
  base::Random random{5};
  int accepted = 0;
  for (int i = 0; i < 2000; ++i) {
    Luma luma{160, 120};
    for (auto& pixel : luma.pixels) pixel = random.chance(0.5) ? 235 : 16;
    accepted += read_frame_identity(luma.plane).has_value();
  }
  EXPECT_EQ(accepted, 0);
}

struct Tally {
  int frames = 0, read = 0, wrong = 0;
};

// 2 s of the pattern in 720p as a 426x240 rendition at 300 kbit/s.
Tally identities_after_reencoding(Pattern pattern) {
  const ScratchFile file{std::string{"identity-"} + to_text(pattern)};
  generate_video({.pattern = pattern, .duration = std::chrono::seconds{2}, .seed = 0x1A5, .bitrate = {}, .file = file.path()}, {});
  Tally tally;
  const OnFrame read = [&tally](const AVFrame& frame) {
    const auto identity = read_frame_identity({frame.data[0], frame.linesize[0], frame.width, frame.height});
    tally.read += identity.has_value();
    tally.wrong += identity && *identity != FrameIdentity{.source = 0xA5, .frame = static_cast<std::uint32_t>(tally.frames)};
    ++tally.frames;
  };
  Reencoder reencoder{{.width = 426, .height = 240, .bitrate = 300'000}};
  for_each_frame(file.path(), AVMEDIA_TYPE_VIDEO, [&](const AVFrame& frame) { reencoder.add(frame, read); });
  reencoder.finish(read);
  std::printf("%s: %d of %d read, %d wrong, %lld kbit/s\n", to_text(pattern), tally.read, tally.frames, tally.wrong,
              static_cast<long long>(reencoder.bytes() * 8 / 2000));
  return tally;
}

class FrameIdentityInVideo : public testing::TestWithParam<Pattern> {};

TEST_P(FrameIdentityInVideo, SurvivesScalingAndStrongCompression) {
  const Tally tally = identities_after_reencoding(GetParam());
  EXPECT_EQ(tally.frames, 60);
  EXPECT_EQ(tally.wrong, 0);
  EXPECT_GE(tally.read, GetParam() == Pattern::kNoise ? 55 : 60);
}

INSTANTIATE_TEST_SUITE_P(Patterns, FrameIdentityInVideo,
                         testing::Values(Pattern::kSlides, Pattern::kTalk, Pattern::kSports, Pattern::kNoise),
                         [](const auto& pattern) { return std::string{to_text(pattern.param)}; });

}  // namespace
}  // namespace generators
