// LumaGrid: a coarse grid of luma samples of a decoded picture, which is all that the picture meters look at. Any size and any format whose
// luma can be read by itself (planar, semi-planar and packed YUV, grey; up to 16 bits a sample, of which the highest 8 are taken). Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

struct AVFrame;

namespace server {

class LumaGrid {
 public:
  static constexpr int kColumns = 64, kRows = 36;
  static constexpr std::size_t kSamples = std::size_t{kColumns} * kRows;

  // False, and the grid is as before, when the picture has no luma to be read.
  bool take(const AVFrame& picture);
  const std::array<std::uint8_t, kSamples>& samples() const { return samples_; }
  // In levels of 8 bit limited range (ITU-R BT.709: black 16, white 235), whatever the picture's range is.
  double mean() const { return mean_; }
  double spread() const { return spread_; }  // standard deviation
  // Mean absolute difference to another grid, in the samples' own levels.
  double difference(const LumaGrid& other) const;

 private:
  void summarise(bool is_full_range);
  std::array<std::uint8_t, kSamples> samples_{};
  double mean_ = 0, spread_ = 0;
};

}  // namespace server
