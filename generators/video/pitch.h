// The sports pattern's place: a football ground seen from the stand, in perspective. It is drawn once, wider than the picture;
// moving the camera along the touchline then shifts every row by its own, exactly proportional amount.
//
// Ground coordinates in metres: x along the pitch (0 in the middle, goals at ±52.5), z away from the camera (touchlines at 30
// and 98). A row r of the picture shows the ground at one z; a metre there is scale(r) pixels wide.
#pragma once

#include <cstdint>

#include "generators/video/grain.h"
#include "generators/video/picture.h"

namespace generators {

class Pitch {
 public:
  static constexpr double kNear = 30, kFar = 98, kHalfLength = 52.5;
  static constexpr double kCameraReach = 25;  // the camera moves between ±this

  Pitch(int width, int height, std::uint64_t seed);
  // Fills the picture with what a camera at `camera` sees.
  void paint(const Picture& picture, double camera, double seconds, const Grain& grain, std::int64_t frame) const;
  // Where a point on the ground is in the picture, and how many pixels a metre is there.
  double scale_at(double z) const { return focal_ / z; }
  Point place_of(double x, double z, double camera) const;

 private:
  double scale_of_row(double row) const { return (row - horizon_) / kCameraHeight; }
  int boards_top() const { return boards_bottom_ - height_ * 5 / 108; }
  void draw_crowd(std::uint64_t seed);
  void draw_boards();
  void draw_ground(std::uint64_t seed);
  Colour ground_at(double x, double z, double metre) const;

  static constexpr double kCameraHeight = 20;
  int width_, height_;
  double horizon_, focal_;
  int boards_bottom_;  // the row where the ground begins
  PictureBuffer view_;
};

}  // namespace generators
