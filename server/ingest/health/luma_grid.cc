#include "server/ingest/health/luma_grid.h"

extern "C" {
#include <libavutil/frame.h>
#include <libavutil/pixdesc.h>
}

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>

namespace server {
namespace {

// Where the highest 8 bits of each luma sample lie.
struct LumaLayout {
  const std::uint8_t* first = nullptr;
  std::ptrdiff_t step = 0, line = 0;  // bytes from one sample, from one line to the next
  bool is_wide = false;               // a sample is 16 bits, of which `shift` are below the highest 8
  int shift = 0;
};

bool layout_of(const AVFrame& picture, LumaLayout& layout) {
  constexpr std::uint64_t kUnreadable = AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL |
                                        AV_PIX_FMT_FLAG_BAYER | AV_PIX_FMT_FLAG_FLOAT;
  const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(picture.format));
  if (format == nullptr || format->nb_components < 1 || (format->flags & kUnreadable) != 0) return false;
  const AVComponentDescriptor& luma = format->comp[0];
  const bool is_big_endian = (format->flags & AV_PIX_FMT_FLAG_BE) != 0;
  if (luma.depth < 8 || luma.depth > 16 || picture.data[luma.plane] == nullptr || picture.width < 1 || picture.height < 1) return false;
  layout.is_wide = luma.depth > 8;
  if (layout.is_wide && is_big_endian != (std::endian::native == std::endian::big)) return false;
  layout.first = picture.data[luma.plane] + luma.offset;
  layout.step = luma.step;
  layout.line = picture.linesize[luma.plane];
  layout.shift = luma.shift + luma.depth - 8;
  return true;
}

std::uint8_t sample_at(const LumaLayout& layout, int x, int y) {
  const std::uint8_t* at = layout.first + y * layout.line + x * layout.step;
  if (!layout.is_wide) return *at;
  return static_cast<std::uint8_t>(
      (at[std::endian::native == std::endian::little ? 0 : 1] | at[std::endian::native == std::endian::little ? 1 : 0] << 8) >>
      layout.shift);
}

bool has_full_range(const AVFrame& picture) {
  return picture.color_range == AVCOL_RANGE_JPEG || picture.format == AV_PIX_FMT_YUVJ420P || picture.format == AV_PIX_FMT_YUVJ422P ||
         picture.format == AV_PIX_FMT_YUVJ444P || picture.format == AV_PIX_FMT_YUVJ440P || picture.format == AV_PIX_FMT_YUVJ411P;
}

}  // namespace

bool LumaGrid::take(const AVFrame& picture) {
  LumaLayout layout;
  if (!layout_of(picture, layout)) return false;
  std::array<int, kColumns> columns;
  for (int i = 0; i < kColumns; ++i) columns[static_cast<std::size_t>(i)] = (2 * i + 1) * picture.width / (2 * kColumns);
  auto to = samples_.begin();
  for (int row = 0; row < kRows; ++row) {
    const int y = (2 * row + 1) * picture.height / (2 * kRows);
    for (const int x : columns) *to++ = sample_at(layout, x, y);
  }
  summarise(has_full_range(picture));
  return true;
}

void LumaGrid::summarise(bool is_full_range) {
  std::uint32_t sum = 0, squares = 0;  // 2304 * 255² < 2³²
  for (const std::uint32_t sample : samples_) {
    sum += sample;
    squares += sample * sample;
  }
  const double mean = sum / static_cast<double>(kSamples);
  const double spread = std::sqrt(std::max(0.0, squares / static_cast<double>(kSamples) - mean * mean));
  constexpr double kScale = 219 / 255.0;
  mean_ = is_full_range ? 16 + mean * kScale : mean;
  spread_ = is_full_range ? spread * kScale : spread;
}

double LumaGrid::difference(const LumaGrid& other) const {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < kSamples; ++i) sum += static_cast<std::uint32_t>(std::abs(samples_[i] - other.samples_[i]));
  return sum / static_cast<double>(kSamples);
}

}  // namespace server
