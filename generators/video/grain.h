// Camera noise: a table of seeded random values from which every row of every frame takes a different stretch, so that no
// two frames have the same grain and drawing costs one addition a pixel.
#pragma once

#include <cstdint>
#include <vector>

#include "base/random.h"
#include "generators/video/plane.h"

namespace generators {

class Grain {
 public:
  // Values from -amplitude to amplitude.
  Grain(std::uint64_t seed, int amplitude, int width) {
    base::Random random = base::Random::stream(seed, "grain");
    values_.resize(static_cast<std::size_t>(width) + kStretches);
    for (auto& value : values_)
      value = static_cast<std::int8_t>(static_cast<int>(random.below(2 * static_cast<std::uint64_t>(amplitude) + 1)) - amplitude);
  }
  const std::int8_t* row(std::int64_t frame, int y) const {
    const std::uint64_t mixed = (static_cast<std::uint64_t>(frame) * 2654435761u + static_cast<std::uint64_t>(y)) * 0x9E3779B97F4A7C15ull;
    return values_.data() + (mixed >> 48) % kStretches;
  }
  void add_to(const Plane& plane, std::int64_t frame, int from_row, int to_row) const {
    for (int y = from_row; y < to_row; ++y) {
      const std::int8_t* noise = row(frame, y);
      std::uint8_t* pixels = plane.row(y);
      for (int x = 0; x < plane.width; ++x)
        pixels[x] = static_cast<std::uint8_t>(pixels[x] + noise[x]);  // stays within 0…255: content is limited range
    }
  }

 private:
  static constexpr std::uint64_t kStretches = 1u << 15;
  std::vector<std::int8_t> values_;
};

}  // namespace generators
