// Text in a small built-in 5x7 bitmap face, smoothed to any height. One Lettering per size; it keeps the scaled letters.
// Knows A-Z, digits, space and : . , - / % + ( ); lower case is drawn as upper case, anything else as a box.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "generators/video/picture.h"

namespace generators {

class Lettering {
 public:
  // Height of a capital letter in pixels, at least 5.
  explicit Lettering(int height);
  int height() const { return height_; }
  int width_of(std::string_view text) const;
  // Top left corner of the first letter.
  void draw(const Picture& picture, int x, int y, std::string_view text, Colour colour) const;

 private:
  using Mask = std::vector<std::uint8_t>;  // coverage 0…255, mask_width_ x mask_height_
  Mask scaled(const std::array<std::uint8_t, 7>& rows) const;
  void draw_mask(const Picture& picture, int left, int top, const Mask& mask, Colour colour) const;
  int height_;
  double unit_;  // pixels per dot of the face
  int mask_width_, mask_height_;
  std::vector<Mask> masks_;  // in the order of the face
};

}  // namespace generators
