#include "server/transcode/encoder_set.h"

#include <gtest/gtest.h>

extern "C" {
#include <libavutil/pixdesc.h>
}

#include <algorithm>
#include <string_view>

#include "server/ingest/av_handles.h"

namespace server {
namespace {

using namespace base::literals;

// Of one brightness: `level` of 0 to 255, in every component of RGB, otherwise without colour.
AvFramePtr plain(AVPixelFormat format, int level, int width = 64, int height = 64) {
  AvFramePtr made{av_frame_alloc()};
  made->width = width;
  made->height = height;
  made->format = format;
  av_frame_get_buffer(made.get(), 0);
  const AVPixFmtDescriptor& description = *av_pix_fmt_desc_get(format);
  const int shift = description.comp[0].depth - 8;
  for (int plane = 0; plane < 3; ++plane) {
    const bool colour = plane > 0 && (description.flags & AV_PIX_FMT_FLAG_RGB) == 0;
    const int value = (colour ? 128 : level) << shift;
    const int lines = colour ? -((-height) >> description.log2_chroma_h) : height;
    for (int line = 0; line < lines; ++line) {
      std::uint8_t* begin = made->data[plane] + line * made->linesize[plane];
      const int size = made->linesize[plane];
      if (shift == 0) std::fill_n(begin, size, static_cast<std::uint8_t>(value));
      if (shift > 0) std::fill_n(reinterpret_cast<std::uint16_t*>(begin), size / 2, static_cast<std::uint16_t>(value));
    }
  }
  return made;
}

TEST(EncoderSet, PassesOverAShapeOfPixelsThatNoPictureHas) {
  const auto width = [](AVRational pixel) {
    AvFramePtr source = plain(AV_PIX_FMT_YUV420P, 100, 320, 240);
    source->sample_aspect_ratio = pixel;
    return EncoderSet{{{240, 1_Mbps}}, FrameRate{25, 1}, *source}.tracks()[0].format.width;
  };
  EXPECT_EQ(width({1, 1}), 320);
  EXPECT_EQ(width({4, 3}), 428);
  EXPECT_EQ(width({1, 2}), 160);
  EXPECT_EQ(width({0, 1}), 320);
  EXPECT_EQ(width({1, 300}), 320);
  EXPECT_EQ(width({200, 1}), 320);
}

}  // namespace
}  // namespace server
