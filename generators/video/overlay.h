// What lies over every pattern: the frame identity (top left), a plate with media time, frame number and the video's name (top
// right), and the sync band (bottom): colour bars and a scale that is swept once a second, all white while it flashes.
#pragma once

#include <cstdint>
#include <string>

#include "generators/video/lettering.h"
#include "generators/video/picture.h"
#include "generators/video/video.h"

namespace generators {

// "00:01:02.033": when the frame is shown, rounded down to a millisecond.
std::string clock_text(std::int64_t frame, int fps);

class Overlay {
 public:
  explicit Overlay(const VideoSpec& spec);
  void draw(const Picture& picture, std::int64_t frame) const;

 private:
  void draw_plate(const Picture& picture, std::int64_t frame) const;
  void draw_sync_band(const Picture& picture, std::int64_t frame) const;
  void draw_bars(const Picture& picture, Rect band) const;
  void draw_scale(const Picture& picture, Rect band, std::int64_t frame) const;
  int column(int of_grid) const;
  int row(int of_grid) const;
  VideoSpec spec_;
  std::string name_;
  Lettering clock_, number_, label_;
};

}  // namespace generators
