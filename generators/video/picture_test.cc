#include "generators/video/picture.h"

#include <gtest/gtest.h>

#include "generators/video/lettering.h"

namespace generators {
namespace {

int marked(const Plane& plane, std::uint8_t value) {
  int count = 0;
  for (int y = 0; y < plane.height; ++y)
    for (int x = 0; x < plane.width; ++x) count += plane.row(y)[x] == value;
  return count;
}

TEST(Picture, ColoursFollowBt709) {
  EXPECT_EQ(kWhite.y, 235);
  EXPECT_EQ(kBlack.y, 16);
  constexpr Colour kRed = rgb(255, 0, 0);
  EXPECT_EQ(kRed.y, 63);
  EXPECT_EQ(kRed.v, 240);
}

TEST(Picture, RectanglesAreClipped) {
  PictureBuffer buffer{32, 16};
  fill_rect(buffer.picture(), {-8, -8, 16, 16}, kWhite);
  EXPECT_EQ(marked(buffer.picture().y, kWhite.y), 64);
  fill_rect(buffer.picture(), {24, 8, 100, 100}, kWhite);
  EXPECT_EQ(marked(buffer.picture().y, kWhite.y), 128);
  fill_rect(buffer.picture(), {100, 100, 10, 10}, kWhite);
  EXPECT_EQ(marked(buffer.picture().y, kWhite.y), 128);
}

TEST(Picture, EllipsesHaveTheirArea) {
  PictureBuffer buffer{200, 200};
  fill_ellipse(buffer.picture(), {100, 100}, 60, 40, kWhite);
  EXPECT_NEAR(marked(buffer.picture().y, kWhite.y), 3.14159 * 60 * 40, 180);  // less the half-covered pixels of the edge
}

TEST(Picture, ShapesPartlyOutsideAreClipped) {
  PictureBuffer buffer{64, 64};
  for (const Point at : {Point{0, 0}, {64, 64}, {-500, 30}, {30, 9000}}) {
    fill_ellipse(buffer.picture(), at, 20, 20, kWhite, 10);
    fill_limb(buffer.picture(), at, {at.x + 30, at.y + 30}, 8, kWhite);
  }
  EXPECT_GT(marked(buffer.picture().y, kWhite.y), 0);
}

TEST(Lettering, DrawsInsideItsBox) {
  PictureBuffer buffer{400, 60};
  const Lettering lettering{28};
  lettering.draw(buffer.picture(), 10, 10, "00:12.345 W%", kWhite);
  const int right = 14 + lettering.width_of("00:12.345 W%");
  for (int y = 0; y < 60; ++y)
    for (int x = 0; x < 400; ++x)
      ASSERT_TRUE((x >= 8 && x <= right && y >= 8 && y <= 40) || buffer.picture().y.row(y)[x] == 0) << x << "," << y;
  EXPECT_GT(marked(buffer.picture().y, kWhite.y), 500);
}

TEST(Lettering, LettersDiffer) {
  const Lettering lettering{14};
  PictureBuffer eight{20, 20}, three{20, 20};
  lettering.draw(eight.picture(), 2, 2, "8", kWhite);
  lettering.draw(three.picture(), 2, 2, "3", kWhite);
  EXPECT_GT(marked(eight.picture().y, kWhite.y), marked(three.picture().y, kWhite.y));
}

TEST(Lettering, IsClippedAtTheEdges) {
  PictureBuffer buffer{40, 20};
  Lettering{30}.draw(buffer.picture(), -20, -10, "TEST", kWhite);
  EXPECT_GT(marked(buffer.picture().y, kWhite.y), 0);
}

}  // namespace
}  // namespace generators
