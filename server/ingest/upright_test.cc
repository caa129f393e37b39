#include "server/ingest/upright.h"

#include <gtest/gtest.h>

extern "C" {
#include <libavutil/display.h>
}

#include <algorithm>
#include <array>
#include <string>

namespace server {
namespace {

constexpr int kWidth = 160, kHeight = 90;

struct UprightTest : testing::Test {
  UprightTest() {
    sent->format = AV_PIX_FMT_YUV420P;
    sent->width = kWidth;
    sent->height = kHeight;
    sent->pts = 7;
    sent->sample_aspect_ratio = {4, 3};
    EXPECT_GE(av_frame_get_buffer(sent.get(), 0), 0);
    for (int plane = 0; plane < 3; ++plane)
      for (int y = 0; y < (plane == 0 ? kHeight : kHeight / 2); ++y)
        std::fill_n(sent->data[plane] + y * sent->linesize[plane], sent->linesize[plane], 128);
    // Its corners, from the top left in reading order: 1, 2, 3, 4 times 40.
    for (int i = 0; i < 4; ++i)
      sample(*sent, 0, i % 2 == 1, i / 2 == 1) = sample(*sent, 1, i % 2 == 1, i / 2 == 1) = static_cast<std::uint8_t>(40 * (i + 1));
  }
  static std::uint8_t& sample(AVFrame& picture, int plane, bool right, bool bottom) {
    const int shift = plane == 0 ? 0 : 1;
    const int x = right ? ((picture.width + shift) >> shift) - 1 : 0, y = bottom ? ((picture.height + shift) >> shift) - 1 : 0;
    return picture.data[plane][y * picture.linesize[plane] + x];
  }
  // In reading order, as digits.
  static std::string corners(AVFrame& picture, int plane) {
    std::string digits;
    for (int i = 0; i < 4; ++i) digits += std::to_string(sample(picture, plane, i % 2 == 1, i / 2 == 1) / 40);
    return digits;
  }
  void say(double clockwise, bool mirrored = false) {
    std::array<std::int32_t, 9> matrix{};
    av_display_rotation_set(matrix.data(), clockwise);
    if (mirrored) av_display_matrix_flip(matrix.data(), 1, 0);
    AVFrameSideData* side = av_frame_new_side_data(sent.get(), AV_FRAME_DATA_DISPLAYMATRIX, sizeof matrix);
    std::memcpy(side->data, matrix.data(), sizeof matrix);
  }
  AvFramePtr sent{av_frame_alloc()};
  AVStream stream{};
  Upright upright;
};

TEST_F(UprightTest, LeavesPicturesThatSayNothing) { EXPECT_EQ(orientation_of(*sent, stream), Orientation{}); }

TEST_F(UprightTest, TurnsByQuarters) {
  const std::pair<double, const char*> rows[] = {{90, "3142"}, {180, "4321"}, {270, "2413"}, {88, "3142"}, {360, "1234"}};
  for (const auto& [clockwise, expected] : rows) {
    say(clockwise);
    const AvFramePtr turned = upright.turn(*sent, orientation_of(*sent, stream));
    const bool lies = clockwise == 180 || clockwise == 360;
    EXPECT_EQ(turned->width, lies ? kWidth : kHeight) << clockwise;
    EXPECT_EQ(turned->height, lies ? kHeight : kWidth);
    EXPECT_EQ(turned->sample_aspect_ratio.num, lies ? 4 : 3);
    EXPECT_EQ(corners(*turned, 0), expected) << clockwise;
    EXPECT_EQ(corners(*turned, 1), expected) << clockwise;
    EXPECT_EQ(turned->pts, 7);
    EXPECT_EQ(orientation_of(*turned, stream), Orientation{}) << "it is turned once";
    av_frame_remove_side_data(sent.get(), AV_FRAME_DATA_DISPLAYMATRIX);
  }
}

TEST_F(UprightTest, TurnsMirrorImages) {
  say(0, true);
  EXPECT_EQ(corners(*upright.turn(*sent, orientation_of(*sent, stream)), 0), "2143");
}

}  // namespace
}  // namespace server
