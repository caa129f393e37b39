#include "server/ingest/upright.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <span>
#include <utility>

#include "base/errors.h"
#include "server/ingest/new_picture.h"

namespace server {
namespace {

constexpr int kTile = 32;  // samples a side: what is read and written of one stays in the cache

// libavutil/display.h: a sample (x, y) is shown at (a x + c y, b x + d y).
using DisplayMatrix = std::array<std::int32_t, 9>;  // a, b, u, c, d, v, …

Orientation orientation_of(std::span<const std::uint8_t> side_data) {
  DisplayMatrix matrix{};
  if (side_data.size() < sizeof matrix) return {};
  std::memcpy(matrix.data(), side_data.data(), sizeof matrix);
  const std::int64_t a = matrix[0], b = matrix[1], c = matrix[3], d = matrix[4];
  if (std::abs(a) + std::abs(d) >= std::abs(b) + std::abs(c)) return {.transposed = false, .mirrored = a < 0, .flipped = d < 0};
  return {.transposed = true, .mirrored = c < 0, .flipped = b < 0};
}

struct Plane {
  std::uint8_t* data;
  std::ptrdiff_t stride;
};

// `width` and `height` are those of `to`.
void turn_plane(const Plane& from, const Plane& to, int width, int height, const Orientation& how) {
  const auto turn_tile = [&](int left, int top) {
    for (int y = top; y < std::min(top + kTile, height); ++y) {
      const int row = how.flipped ? height - 1 - y : y;
      for (int x = left; x < std::min(left + kTile, width); ++x) {
        const int column = how.mirrored ? width - 1 - x : x;
        to.data[y * to.stride + x] = how.transposed ? from.data[column * from.stride + row] : from.data[row * from.stride + column];
      }
    }
  };
  for (int top = 0; top < height; top += kTile)
    for (int left = 0; left < width; left += kTile) turn_tile(left, top);
}

int half(int size) { return (size + 1) / 2; }

}  // namespace

Orientation orientation_of(const AVFrame& picture, const AVStream& stream) {
  if (const AVFrameSideData* own = av_frame_get_side_data(&picture, AV_FRAME_DATA_DISPLAYMATRIX); own != nullptr)
    return orientation_of({own->data, own->size});
  std::size_t size = 0;
  const std::uint8_t* streams = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
  return streams == nullptr ? Orientation{} : orientation_of({streams, size});
}

AvFramePtr Upright::turn(const AVFrame& from, const Orientation& how) {
  const Kind kind{.width = from.width, .height = from.height, .matrix = matrix_of(from, from.height)};
  if (!scaler_ || kind != kind_) scaler_.emplace(kind.width, kind.height, kind.matrix);
  kind_ = kind;
  const AvFramePtr converted = new_picture(from.width, from.height, "turn");
  scaler_->scale(from, converted->data, converted->linesize);

  AvFramePtr turned = how.transposed ? new_picture(from.height, from.width, "turn") : new_picture(from.width, from.height, "turn");
  for (int i = 0; i < 3; ++i)
    turn_plane({converted->data[i], converted->linesize[i]}, {turned->data[i], turned->linesize[i]},
               i == 0 ? turned->width : half(turned->width), i == 0 ? turned->height : half(turned->height), how);
  if (const int code = av_frame_copy_props(turned.get(), &from); code < 0)
    throw base::RunFailed(fmt::format("turn a picture: {}", av_error_text(code)));
  av_frame_remove_side_data(turned.get(), AV_FRAME_DATA_DISPLAYMATRIX);
  turned->color_range = AVCOL_RANGE_MPEG;
  turned->colorspace = kind.matrix;
  if (how.transposed) std::swap(turned->sample_aspect_ratio.num, turned->sample_aspect_ratio.den);
  return turned;
}

}  // namespace server
