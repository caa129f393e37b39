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

// The first picture as a player decodes it.
AvFramePtr shown(const EncoderSet& encoders, const EncodedSample& sample) {
  const AVCodec* codec = avcodec_find_decoder(AV_CODEC_ID_H264);
  AvCodecContextPtr decoder{avcodec_alloc_context3(codec)};
  const std::string& config = encoders.tracks()[0].format.codec_config;
  decoder->extradata = static_cast<std::uint8_t*>(av_mallocz(config.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  decoder->extradata_size = static_cast<int>(config.size());
  std::copy(config.begin(), config.end(), decoder->extradata);
  EXPECT_EQ(avcodec_open2(decoder.get(), codec, nullptr), 0);
  AvPacketPtr packet{av_packet_alloc()};
  av_new_packet(packet.get(), static_cast<int>(sample.bytes.size()));
  std::copy(sample.bytes.begin(), sample.bytes.end(), packet->data);
  AvFramePtr frame{av_frame_alloc()};
  EXPECT_EQ(avcodec_send_packet(decoder.get(), packet.get()), 0);
  avcodec_send_packet(decoder.get(), nullptr);
  EXPECT_EQ(avcodec_receive_frame(decoder.get(), frame.get()), 0);
  return frame;
}

AvFramePtr shown(const AVFrame& source) {
  EncoderSet encoders{{{source.height, 1_Mbps}}, FrameRate{25, 1}, source};
  encoders.encode(share(AvFramePtr{av_frame_clone(&source)}), 0, true);
  return shown(encoders, encoders.take(0, 1).at(0));
}

TEST(EncoderSet, EncodesBlackAndWhiteOfAnyRangeToLimitedRange) {
  struct Row {
    AVPixelFormat format;
    AVColorRange range;
    int black, white;
  };
  const Row rows[] = {{AV_PIX_FMT_YUV420P, AVCOL_RANGE_UNSPECIFIED, 16, 235},
                      {AV_PIX_FMT_YUV420P, AVCOL_RANGE_JPEG, 0, 255},
                      {AV_PIX_FMT_YUVJ420P, AVCOL_RANGE_UNSPECIFIED, 0, 255},
                      {AV_PIX_FMT_YUVJ444P, AVCOL_RANGE_JPEG, 0, 255},
                      {AV_PIX_FMT_YUV420P10, AVCOL_RANGE_MPEG, 16, 235},
                      {AV_PIX_FMT_YUV420P10, AVCOL_RANGE_JPEG, 0, 255},
                      {AV_PIX_FMT_GBRP, AVCOL_RANGE_JPEG, 0, 255}};
  for (const Row& row : rows) {
    for (const bool white : {false, true}) {
      AvFramePtr source = plain(row.format, white ? row.white : row.black);
      source->color_range = row.range;
      if (row.format == AV_PIX_FMT_GBRP) source->colorspace = AVCOL_SPC_RGB;
      const AvFramePtr picture = shown(*source);
      EXPECT_NEAR(picture->data[0][0], white ? 235 : 16, 2) << av_get_pix_fmt_name(row.format) << ' ' << row.range;
      EXPECT_EQ(picture->color_range, AVCOL_RANGE_MPEG) << av_get_pix_fmt_name(row.format);
      EXPECT_EQ(picture->colorspace, AVCOL_SPC_SMPTE170M) << av_get_pix_fmt_name(row.format);
    }
  }
}

TEST(EncoderSet, GivesRgbTheMatrixThatItNames) {
  AvFramePtr red = plain(AV_PIX_FMT_GBRP, 0, 1280, 720);
  red->colorspace = AVCOL_SPC_RGB;
  for (int line = 0; line < red->height; ++line) std::fill_n(red->data[2] + line * red->linesize[2], red->linesize[2], std::uint8_t{255});
  const AvFramePtr picture = shown(*red);
  EXPECT_EQ(picture->colorspace, AVCOL_SPC_BT709);
  EXPECT_NEAR(picture->data[0][0], 16 + 0.2126 * 219, 2);
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
