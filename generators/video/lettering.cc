#include "generators/video/lettering.h"

#include <algorithm>
#include <cmath>

namespace generators {
namespace {

constexpr int kDotsAcross = 5;
constexpr int kDotsDown = 7;
constexpr int kAdvance = 6;

struct Letter {
  char character;
  std::array<std::uint8_t, 7> rows;  // bit 4 is the left dot
};

constexpr Letter kFace[] = {
    {'\0', {0b11111, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b11111}},  // for what the face lacks
    {' ', {0, 0, 0, 0, 0, 0, 0}},
    {'0', {0b01110, 0b10001, 0b10001, 0b10101, 0b10001, 0b10001, 0b01110}},
    {'1', {0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110}},
    {'2', {0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111}},
    {'3', {0b01110, 0b10001, 0b00001, 0b00110, 0b00001, 0b10001, 0b01110}},
    {'4', {0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010}},
    {'5', {0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110}},
    {'6', {0b01110, 0b10000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110}},
    {'7', {0b11111, 0b00001, 0b00010, 0b00100, 0b00100, 0b00100, 0b00100}},
    {'8', {0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110}},
    {'9', {0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00001, 0b01110}},
    {'A', {0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001}},
    {'B', {0b11110, 0b10001, 0b10001, 0b11110, 0b10001, 0b10001, 0b11110}},
    {'C', {0b01110, 0b10001, 0b10000, 0b10000, 0b10000, 0b10001, 0b01110}},
    {'D', {0b11110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b11110}},
    {'E', {0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b11111}},
    {'F', {0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b10000}},
    {'G', {0b01110, 0b10001, 0b10000, 0b10111, 0b10001, 0b10001, 0b01110}},
    {'H', {0b10001, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001}},
    {'I', {0b01110, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110}},
    {'J', {0b00111, 0b00010, 0b00010, 0b00010, 0b00010, 0b10010, 0b01100}},
    {'K', {0b10001, 0b10010, 0b10100, 0b11000, 0b10100, 0b10010, 0b10001}},
    {'L', {0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b11111}},
    {'M', {0b10001, 0b11011, 0b10101, 0b10101, 0b10001, 0b10001, 0b10001}},
    {'N', {0b10001, 0b11001, 0b11001, 0b10101, 0b10011, 0b10011, 0b10001}},
    {'O', {0b01110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110}},
    {'P', {0b11110, 0b10001, 0b10001, 0b11110, 0b10000, 0b10000, 0b10000}},
    {'Q', {0b01110, 0b10001, 0b10001, 0b10001, 0b10101, 0b10010, 0b01101}},
    {'R', {0b11110, 0b10001, 0b10001, 0b11110, 0b10100, 0b10010, 0b10001}},
    {'S', {0b01110, 0b10001, 0b10000, 0b01110, 0b00001, 0b10001, 0b01110}},
    {'T', {0b11111, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100}},
    {'U', {0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110}},
    {'V', {0b10001, 0b10001, 0b10001, 0b10001, 0b01010, 0b01010, 0b00100}},
    {'W', {0b10001, 0b10001, 0b10001, 0b10101, 0b10101, 0b11011, 0b10001}},
    {'X', {0b10001, 0b10001, 0b01010, 0b00100, 0b01010, 0b10001, 0b10001}},
    {'Y', {0b10001, 0b10001, 0b01010, 0b00100, 0b00100, 0b00100, 0b00100}},
    {'Z', {0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b10000, 0b11111}},
    {':', {0b00000, 0b00100, 0b00100, 0b00000, 0b00100, 0b00100, 0b00000}},
    {'.', {0b00000, 0b00000, 0b00000, 0b00000, 0b00000, 0b00100, 0b00100}},
    {',', {0b00000, 0b00000, 0b00000, 0b00000, 0b00100, 0b00100, 0b01000}},
    {'-', {0b00000, 0b00000, 0b00000, 0b01110, 0b00000, 0b00000, 0b00000}},
    {'/', {0b00001, 0b00001, 0b00010, 0b00100, 0b01000, 0b10000, 0b10000}},
    {'%', {0b11001, 0b11001, 0b00010, 0b00100, 0b01000, 0b10011, 0b10011}},
    {'+', {0b00000, 0b00100, 0b00100, 0b11111, 0b00100, 0b00100, 0b00000}},
    {'(', {0b00010, 0b00100, 0b01000, 0b01000, 0b01000, 0b00100, 0b00010}},
    {')', {0b01000, 0b00100, 0b00010, 0b00010, 0b00010, 0b00100, 0b01000}},
};

std::size_t place_of(char character) {
  const char upper = character >= 'a' && character <= 'z' ? static_cast<char>(character - 'a' + 'A') : character;
  const auto* found = std::find_if(std::begin(kFace), std::end(kFace), [upper](const Letter& l) { return l.character == upper; });
  return found == std::end(kFace) ? 0 : static_cast<std::size_t>(found - std::begin(kFace));
}

// 1 where the face has a dot, between dots by how near the four around are.
double ink_at(const std::array<std::uint8_t, 7>& rows, double x, double y) {
  const int left = static_cast<int>(std::floor(x)), top = static_cast<int>(std::floor(y));
  const auto dot = [&rows](int column, int row) {
    const bool inside = column >= 0 && column < kDotsAcross && row >= 0 && row < kDotsDown;
    return inside ? (rows[static_cast<std::size_t>(row)] >> (kDotsAcross - 1 - column)) & 1 : 0;
  };
  const double right = x - left, below = y - top;
  return (dot(left, top) * (1 - right) + dot(left + 1, top) * right) * (1 - below) +
         (dot(left, top + 1) * (1 - right) + dot(left + 1, top + 1) * right) * below;
}

std::uint8_t blended(int under, int over, int coverage) { return static_cast<std::uint8_t>(under + (over - under) * coverage / 255); }

}  // namespace

Lettering::Lettering(int height) : height_{std::max(height, 5)}, unit_{static_cast<double>(height_) / kDotsDown} {
  mask_width_ = (static_cast<int>(std::ceil(unit_ * kDotsAcross)) + 3) & ~1;
  mask_height_ = (height_ + 3) & ~1;
  for (const Letter& letter : kFace) masks_.push_back(scaled(letter.rows));
}

// Cutting the interpolated dots at a level rounds the corners and joins dots that touch diagonally.
Lettering::Mask Lettering::scaled(const std::array<std::uint8_t, 7>& rows) const {
  constexpr double kLevel = 0.42;
  const double sharpness = std::max(1.0, unit_);
  Mask mask;
  for (int y = 0; y < mask_height_; ++y)
    for (int x = 0; x < mask_width_; ++x) {
      const double ink = ink_at(rows, (x + 0.5) / unit_ - 0.5, (y + 0.5) / unit_ - 0.5);
      mask.push_back(static_cast<std::uint8_t>(std::lround(255 * std::clamp((ink - kLevel) * sharpness + 0.5, 0.0, 1.0) * (ink > 0))));
    }
  return mask;
}

int Lettering::width_of(std::string_view text) const {
  return static_cast<int>(std::lround(static_cast<double>(text.size()) * kAdvance * unit_ - (text.empty() ? 0 : unit_)));
}

void Lettering::draw(const Picture& picture, int x, int y, std::string_view text, Colour colour) const {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int left = x + static_cast<int>(std::lround(static_cast<double>(i) * kAdvance * unit_));
    draw_mask(picture, left & ~1, y & ~1, masks_[place_of(text[i])], colour);
  }
}

void Lettering::draw_mask(const Picture& picture, int left, int top, const Mask& mask, Colour colour) const {
  for (int my = 0; my < mask_height_; ++my) {
    const int y = top + my;
    if (y < 0 || y >= picture.y.height) continue;
    for (int mx = 0; mx < mask_width_; ++mx) {
      const int x = left + mx;
      const int coverage = mask[static_cast<std::size_t>(my * mask_width_ + mx)];
      if (coverage == 0 || x < 0 || x >= picture.y.width) continue;
      picture.y.row(y)[x] = blended(picture.y.row(y)[x], colour.y, coverage);
      if (((x | y) & 1) != 0) continue;
      picture.u.row(y / 2)[x / 2] = blended(picture.u.row(y / 2)[x / 2], colour.u, coverage);
      picture.v.row(y / 2)[x / 2] = blended(picture.v.row(y / 2)[x / 2], colour.v, coverage);
    }
  }
}

}  // namespace generators
