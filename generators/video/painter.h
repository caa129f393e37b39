// The moving content of each pattern. A painter fills the whole picture for one frame; what it draws depends on the
// specification and the frame number only. The overlay (overlay.h) comes on top.
#pragma once

#include <cstdint>
#include <memory>

#include "generators/video/picture.h"
#include "generators/video/video.h"

namespace generators {

class Painter {
 public:
  Painter() = default;
  Painter(const Painter&) = delete;
  Painter& operator=(const Painter&) = delete;
  virtual ~Painter() = default;
  virtual void paint(const Picture& picture, std::int64_t frame) = 0;
};

std::unique_ptr<Painter> make_painter(const VideoSpec& spec);

// One file each.
std::unique_ptr<Painter> make_slides_painter(const VideoSpec& spec);
std::unique_ptr<Painter> make_talk_painter(const VideoSpec& spec);
std::unique_ptr<Painter> make_sports_painter(const VideoSpec& spec);
std::unique_ptr<Painter> make_noise_painter(const VideoSpec& spec);

}  // namespace generators
