// Drawing straight into the planes of a 4:2:0 picture: colours, rectangles, ellipses and limbs with smooth edges. Everything is
// clipped to the picture. Positions are in luma pixels.
#pragma once

#include <cstdint>
#include <vector>

#include "generators/video/plane.h"

namespace generators {

struct Colour {
  std::uint8_t y = 16, u = 128, v = 128;
};
// From 8-bit R'G'B' by BT.709, limited range.
constexpr Colour rgb(int r, int g, int b) {
  const double red = r / 255.0, green = g / 255.0, blue = b / 255.0;
  const double luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return {static_cast<std::uint8_t>(16.5 + 219 * luma), static_cast<std::uint8_t>(128.5 + 224 * (blue - luma) / 1.8556),
          static_cast<std::uint8_t>(128.5 + 224 * (red - luma) / 1.5748)};
}
inline constexpr Colour kWhite = rgb(255, 255, 255);
inline constexpr Colour kBlack = rgb(0, 0, 0);
// `share` of the way from one colour to the other.
Colour mix(Colour from, Colour to, double share);

struct Picture {
  Plane y, u, v;
};

struct Rect {
  int x = 0, y = 0, width = 0, height = 0;
};
struct Point {
  double x = 0, y = 0;
};

void fill_rect(const Picture& picture, Rect area, Colour colour);
// Mixes `share` of the colour into what is there.
void tint_rect(const Picture& picture, Rect area, Colour colour, double share);
// `rim` is the luma added towards the edge, for a rounded look.
void fill_ellipse(const Picture& picture, Point centre, double radius_x, double radius_y, Colour colour, int rim = 0);
// A straight stroke that runs mostly downwards, `thickness` wide.
void fill_limb(const Picture& picture, Point from, Point to, double thickness, Colour colour);
void set_pixel(const Picture& picture, int x, int y, Colour colour);
// Both pictures have the same size; copies the columns [from, to).
void copy_columns(const Picture& source, const Picture& target, int from, int to);

// A picture that owns its pixels. Sizes are rounded up to even.
class PictureBuffer {
 public:
  PictureBuffer(int width, int height);
  const Picture& picture() const { return picture_; }

 private:
  std::vector<std::uint8_t> pixels_;
  Picture picture_;
};

}  // namespace generators
