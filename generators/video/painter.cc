#include "generators/video/painter.h"

#include "base/ensure.h"

namespace generators {

std::unique_ptr<Painter> make_painter(const VideoSpec& spec) {
  switch (spec.pattern) {
    case Pattern::kSlides:
      return make_slides_painter(spec);
    case Pattern::kTalk:
      return make_talk_painter(spec);
    case Pattern::kSports:
      return make_sports_painter(spec);
    case Pattern::kNoise:
      return make_noise_painter(spec);
  }
  ENSURE(false);
  return nullptr;
}

}  // namespace generators
