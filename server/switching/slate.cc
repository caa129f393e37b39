#include "server/switching/slate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/errors.h"
#include "server/ingest/av_handles.h"
#include "server/ingest/media_reader.h"
#include "server/ingest/new_picture.h"
#include "server/ingest/scaler.h"

namespace server {
namespace {

constexpr double kToneHz = 1000;
constexpr double kToneLevel = 0.1;  // -20 dBFS, the usual line-up level
constexpr double kSameShape = 0.01;
constexpr std::uint8_t kBlack = 16, kGrey = 60, kNoColour = 128;  // BT.601 and BT.709, limited range

AvFramePtr plain(int width, int height, std::uint8_t luma) {
  AvFramePtr frame = new_picture(width, height, "make");
  for (int plane = 0; plane < 3; ++plane) {
    const int lines = plane == 0 ? height : (height + 1) / 2;
    std::fill_n(frame->data[plane], static_cast<std::size_t>(frame->linesize[plane]) * static_cast<std::size_t>(lines),
                plane == 0 ? luma : kNoColour);
  }
  return frame;
}

// Width over height as shown.
double shape_of(const AVFrame& picture) { return stretch_of(picture) * picture.width / picture.height; }

int even(double size) { return std::max(2, 2 * static_cast<int>(std::lround(size / 2))); }

// Scaled into that part of `to`.
void draw(const AVFrame& picture, AVFrame& to, int left, int top, int width, int height) {
  std::array<std::uint8_t*, 4> data{to.data[0] + top * to.linesize[0] + left, to.data[1] + top / 2 * to.linesize[1] + left / 2,
                                    to.data[2] + top / 2 * to.linesize[2] + left / 2, nullptr};
  Scaler{width, height, to.colorspace}.scale(picture, data.data(), to.linesize);
}

}  // namespace

Picture fitted(const Picture& picture, int width, int height) {
  const double shape = shape_of(*picture), wanted = static_cast<double>(width) / height;
  if (std::abs(shape / wanted - 1) <= kSameShape) return picture;
  AvFramePtr made = plain(width, height, kBlack);
  made->color_range = AVCOL_RANGE_MPEG;
  made->colorspace = matrix_of(*picture, height);
  const int inner_width = std::min(width, shape < wanted ? even(height * shape) : width);
  const int inner_height = std::min(height, shape < wanted ? height : even(width / shape));
  draw(*picture, *made, (width - inner_width) / 4 * 2, (height - inner_height) / 4 * 2, inner_width, inner_height);
  return share(std::move(made));
}

Picture picture_of(const std::string& file) {
  const std::unique_ptr<MediaReader> reader = MediaReader::open_file(file);
  while (std::optional<Media> media = reader->next()) {
    if (const auto* frame = std::get_if<VideoFrame>(&*media)) return frame->picture;
  }
  throw base::RunFailed(fmt::format("show '{}': there is no picture in it", file));
}

Slate::Slate(const Picture& image, bool tone, int width, int height)
    : picture_{image == nullptr ? share(plain(width, height, kGrey)) : fitted(image, width, height)}, tone_{tone} {}

AudioBlock Slate::sound(std::int64_t from, std::int64_t to) const {
  AudioBlock block;
  block.left.resize(static_cast<std::size_t>(std::max<std::int64_t>(to - from, 0)));
  if (tone_) {
    for (std::size_t i = 0; i < block.left.size(); ++i) {
      const auto sample = static_cast<double>((from + static_cast<std::int64_t>(i)) % kSampleRate);
      block.left[i] = static_cast<float>(kToneLevel * std::sin(2 * std::numbers::pi * kToneHz * sample / kSampleRate));
    }
  }
  block.right = block.left;
  return block;
}

}  // namespace server
