// Noise: the worst case for an encoder. Every pixel of every frame is random, over slowly drifting colours.
#include "generators/video/grain.h"
#include "generators/video/painter.h"
#include "generators/video/wave.h"

namespace generators {
namespace {

class NoisePainter final : public Painter {
 public:
  explicit NoisePainter(const VideoSpec& spec) : fps_{spec.fps}, luma_{spec.seed, 80, spec.width}, chroma_{spec.seed + 1, 18, spec.width} {}

  void paint(const Picture& picture, std::int64_t frame) override {
    const double seconds = static_cast<double>(frame) / fps_;
    for (int y = 0; y < picture.y.height; ++y) {
      const double light = 120 + 24 * sine(1.5 * y / picture.y.height - seconds / 3);
      write_row(picture.y, y, luma_.row(frame, y), static_cast<int>(light));
    }
    for (int y = 0; y < picture.u.height; ++y) {
      const double height = static_cast<double>(y) / picture.u.height;
      write_row(picture.u, y, chroma_.row(frame, 2 * y), static_cast<int>(128 + 60 * sine(height + seconds / 5)));
      write_row(picture.v, y, chroma_.row(frame, 2 * y + 1), static_cast<int>(128 + 60 * sine(0.7 * height - seconds / 4)));
    }
  }

 private:
  static void write_row(const Plane& plane, int y, const std::int8_t* noise, int middle) {
    std::uint8_t* pixels = plane.row(y);
    for (int x = 0; x < plane.width; ++x) pixels[x] = static_cast<std::uint8_t>(middle + noise[x]);
  }
  int fps_;
  Grain luma_, chroma_;
};

}  // namespace

std::unique_ptr<Painter> make_noise_painter(const VideoSpec& spec) { return std::make_unique<NoisePainter>(spec); }

}  // namespace generators
