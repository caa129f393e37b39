#include "generators/video/pitch.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/random.h"
#include "generators/video/lettering.h"
#include "generators/video/wave.h"

namespace generators {
namespace {

constexpr Colour kLightGrass = rgb(74, 138, 52), kDarkGrass = rgb(58, 118, 42), kTrack = rgb(44, 92, 36), kLine = rgb(232, 240, 228);

// The widest shift is that of the lowest row, at both ends of the camera's way.
int view_width(int width, int height) { return width + 2 * (static_cast<int>(Pitch::kCameraReach * height * 0.98 / 20) + 2); }

// A row of the view from the (fractional) column `from` on, interpolated between pixels.
void sample_row(const std::uint8_t* source, double from, std::uint8_t* target, int count) {
  const int whole = static_cast<int>(from);
  const int right = static_cast<int>((from - whole) * 16);
  const int left = 16 - right;
  source += whole;
  for (int x = 0; x < count; ++x) target[x] = static_cast<std::uint8_t>((source[x] * left + source[x + 1] * right + 8) >> 4);
}

double wrapped(double value, double period) { return value - period * std::floor(value / period); }

}  // namespace

Pitch::Pitch(int width, int height, std::uint64_t seed)
    : width_{width},
      height_{height},
      horizon_{0.02 * height},
      focal_{0.28 * height / kCameraHeight * kFar},
      boards_bottom_{height * 29 / 100},
      view_{view_width(width, height), height} {
  draw_crowd(seed);
  draw_boards();
  draw_ground(seed);
}

Point Pitch::place_of(double x, double z, double camera) const {
  const double scale = scale_at(z);
  return {width_ / 2.0 + (x - camera) * scale, horizon_ + scale * kCameraHeight};
}

void Pitch::draw_crowd(std::uint64_t seed) {
  base::Random random = base::Random::stream(seed, "crowd");
  const Picture& view = view_.picture();
  constexpr std::array kClothes{rgb(190, 40, 40), rgb(220, 220, 224), rgb(40, 60, 140),
                                rgb(36, 36, 40),  rgb(214, 180, 60),  rgb(90, 96, 104)};
  fill_rect(view, {0, 0, view.y.width, boards_top()}, rgb(34, 34, 42));
  const double person = std::max(2.0, height_ / 90.0);
  for (double y = 0; y < boards_top(); y += person * 1.3)
    for (double x = random.uniform() * person; x < view.y.width; x += person * random.uniform(1.05, 1.6)) {
      if (random.chance(0.12)) continue;
      fill_ellipse(view, {x, y + person * 0.9}, person * 0.5, person * 0.55,
                   mix(kClothes[random.below(kClothes.size())], kBlack, random.uniform(0.1, 0.5)));
      fill_ellipse(view, {x, y + person * 0.25}, person * 0.26, person * 0.3, mix(rgb(226, 178, 148), rgb(110, 74, 54), random.uniform()));
    }
}

// Repeats with the period `width_`, so that the lettering can run round.
void Pitch::draw_boards() {
  const Picture& view = view_.picture();
  const int top = boards_top(), tall = boards_bottom_ - top;
  const Lettering lettering{tall * 6 / 10};
  constexpr std::array kTexts{"REHEARSAL", "BEFORE THE AUDIENCE ARRIVES", "TEST CARD"};
  constexpr std::array kBoards{rgb(18, 38, 96), rgb(150, 24, 36), rgb(20, 90, 80)};
  for (int start = 0; start < view.y.width; start += width_)
    for (int i = 0; i < 3; ++i) {
      const auto board = static_cast<std::size_t>(i);
      const int left = start + width_ * i / 3, wide = width_ * (i + 1) / 3 - width_ * i / 3;
      fill_rect(view, {left, top, wide, tall}, kBoards[board]);
      lettering.draw(view, left + (wide - lettering.width_of(kTexts[board])) / 2, top + tall / 5, kTexts[board], kWhite);
    }
}

Colour Pitch::ground_at(double x, double z, double metre) const {
  const double line = std::max(0.1, 0.6 / metre);
  const double side = std::abs(x), across = std::abs(z - 64);
  if (side > kHalfLength + line || z < kNear - line || z > kFar + line) return kTrack;
  const double circle = std::abs(std::hypot(x, (z - 64)) - 9.15);
  const auto edge_of_box = [&](double depth, double half) {
    const double from_goal_line = kHalfLength - side;
    return (std::abs(from_goal_line - depth) < line && across < half + line) ||
           (std::abs(across - half) < line * 1.6 && from_goal_line < depth + line);
  };
  const bool outline = std::abs(side - kHalfLength) < line || std::abs(z - kNear) < line * 1.6 || std::abs(z - kFar) < line * 3;
  if (outline || side < line || circle < line * 1.2 || edge_of_box(16.5, 20.15) || edge_of_box(5.5, 9.16)) return kLine;
  const auto stripe = static_cast<int>(std::floor((x + kHalfLength) / 5.25));
  return stripe % 2 == 0 ? kLightGrass : kDarkGrass;
}

void Pitch::draw_ground(std::uint64_t seed) {
  base::Random random = base::Random::stream(seed, "grass");
  const Picture& view = view_.picture();
  for (int y = boards_bottom_; y < view.y.height; ++y) {
    const double metre = scale_of_row(y + 0.5);
    const double z = focal_ / metre;
    for (int x = 0; x < view.y.width; ++x) {
      const double middle = (x + 0.5 - view.y.width / 2.0) / metre, aside = 0.25 / metre;
      Colour colour = mix(ground_at(middle - aside, z, metre), ground_at(middle + aside, z, metre), 0.5);
      colour.y = static_cast<std::uint8_t>(colour.y + static_cast<int>(random.below(29)) - 14);
      set_pixel(view, x, y, colour);
    }
  }
}

void Pitch::paint(const Picture& picture, double camera, double seconds, const Grain& grain, std::int64_t frame) const {
  const double margin = (view_.picture().y.width - width_) / 2.0;
  const double far_shift = camera * scale_of_row(boards_bottom_);
  for (int y = 0; y < height_; ++y) {
    double from = margin + (y < boards_bottom_ ? far_shift : camera * scale_of_row(y + 0.5));
    if (y >= boards_top() && y < boards_bottom_) from = wrapped(far_shift + seconds * width_ / 12, view_.picture().y.width - width_ - 2);
    sample_row(view_.picture().y.row(y), from, picture.y.row(y), width_);
    if (y % 2 != 0) continue;
    sample_row(view_.picture().u.row(y / 2), from / 2, picture.u.row(y / 2), width_ / 2);
    sample_row(view_.picture().v.row(y / 2), from / 2, picture.v.row(y / 2), width_ / 2);
  }
  grain.add_to(picture.y, frame, 0, height_);
}

}  // namespace generators
