// For the tests of this folder: reads a generated file back, and sends its pictures through a small encoder and a decoder as a
// viewer's rendition would be.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "generators/video/av.h"

extern "C" {
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
}

namespace generators {

// A file name of this test's own; the file is removed at the end.
class ScratchFile {
 public:
  explicit ScratchFile(const std::string& name) : path_{testing::TempDir() + std::to_string(getpid()) + "-" + name + ".mp4"} {}
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  ~ScratchFile() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

using OnFrame = std::function<void(const AVFrame&)>;

inline void decode(AVCodecContext& decoder, const AVPacket* packet, const OnFrame& on_frame) {
  const AvFrame frame{av_frame_alloc()};
  ASSERT_GE(avcodec_send_packet(&decoder, packet), 0);
  while (avcodec_receive_frame(&decoder, frame.get()) >= 0) on_frame(*frame);
}

// Every decoded frame of one track, in order; its pts is in microseconds.
inline void for_each_frame(const std::string& file, AVMediaType kind, const OnFrame& on_frame) {
  AVFormatContext* input = nullptr;
  ASSERT_GE(avformat_open_input(&input, file.c_str(), nullptr, nullptr), 0) << file;
  ASSERT_GE(avformat_find_stream_info(input, nullptr), 0);
  const AVCodec* codec = nullptr;
  const int track = av_find_best_stream(input, kind, -1, -1, &codec, 0);
  const AvCodec decoder{avcodec_alloc_context3(codec)};
  avcodec_parameters_to_context(decoder.get(), input->streams[track]->codecpar);
  decoder->pkt_timebase = input->streams[track]->time_base;
  ASSERT_GE(avcodec_open2(decoder.get(), codec, nullptr), 0);
  const auto in_microseconds = [&](const AVFrame& frame) {
    const_cast<AVFrame&>(frame).pts = av_rescale_q(frame.pts, input->streams[track]->time_base, {1, 1'000'000});
    on_frame(frame);
  };
  const AvPacket packet{av_packet_alloc()};
  for (; av_read_frame(input, packet.get()) >= 0; av_packet_unref(packet.get()))
    if (packet->stream_index == track) decode(*decoder, packet.get(), in_microseconds);
  decode(*decoder, nullptr, in_microseconds);
  avformat_close_input(&input);
}

struct Rendition {
  int width = 426, height = 240;
  std::int64_t bitrate = 300'000;  // zero: constant quality
};

// Scales, encodes and decodes pictures one after the other.
class Reencoder {
 public:
  explicit Reencoder(const Rendition& rendition) : rendition_{rendition} {
    const AVCodec* codec = avcodec_find_encoder_by_name("libx264");
    encoder_.reset(avcodec_alloc_context3(codec));
    encoder_->log_level_offset = AV_LOG_INFO - AV_LOG_ERROR;
    encoder_->width = rendition.width;
    encoder_->height = rendition.height;
    encoder_->pix_fmt = AV_PIX_FMT_YUV420P;
    encoder_->time_base = {1, 30};
    encoder_->bit_rate = rendition.bitrate;
    encoder_->rc_max_rate = rendition.bitrate;
    encoder_->rc_buffer_size = static_cast<int>(rendition.bitrate);
    encoder_->gop_size = 60;
    av_opt_set(encoder_->priv_data, "preset", "veryfast", 0);
    av_opt_set(encoder_->priv_data, "tune", "zerolatency", 0);
    if (rendition.bitrate == 0) av_opt_set(encoder_->priv_data, "crf", "23", 0);
    avcodec_open2(encoder_.get(), codec, nullptr);
    const AVCodec* h264 = avcodec_find_decoder(AV_CODEC_ID_H264);
    decoder_.reset(avcodec_alloc_context3(h264));
    avcodec_open2(decoder_.get(), h264, nullptr);
    scaled_.reset(av_frame_alloc());
    scaled_->format = AV_PIX_FMT_YUV420P;
    scaled_->width = rendition.width;
    scaled_->height = rendition.height;
    av_frame_get_buffer(scaled_.get(), 0);
  }
  ~Reencoder() { sws_freeContext(scaler_); }
  Reencoder(const Reencoder&) = delete;
  Reencoder& operator=(const Reencoder&) = delete;

  void add(const AVFrame& picture, const OnFrame& on_frame) {
    scaler_ = sws_getCachedContext(scaler_, picture.width, picture.height, AV_PIX_FMT_YUV420P, rendition_.width, rendition_.height,
                                   AV_PIX_FMT_YUV420P, SWS_BILINEAR, nullptr, nullptr, nullptr);
    ASSERT_GE(av_frame_make_writable(scaled_.get()), 0);
    sws_scale(scaler_, picture.data, picture.linesize, 0, picture.height, scaled_->data, scaled_->linesize);
    scaled_->pts = added_++;
    encode(scaled_.get(), on_frame);
  }
  void finish(const OnFrame& on_frame) {
    encode(nullptr, on_frame);
    decode(*decoder_, nullptr, on_frame);
  }
  std::int64_t bytes() const { return bytes_; }

 private:
  void encode(const AVFrame* frame, const OnFrame& on_frame) {
    ASSERT_GE(avcodec_send_frame(encoder_.get(), frame), 0);
    const AvPacket packet{av_packet_alloc()};
    for (; avcodec_receive_packet(encoder_.get(), packet.get()) >= 0; av_packet_unref(packet.get())) {
      bytes_ += packet->size;
      decode(*decoder_, packet.get(), on_frame);
    }
  }
  Rendition rendition_;
  AvCodec encoder_, decoder_;
  AvFrame scaled_;
  SwsContext* scaler_ = nullptr;
  std::int64_t added_ = 0, bytes_ = 0;
};

}  // namespace generators
