// Owners of FFmpeg's objects, for .cc files that use FFmpeg; and its error codes as text.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/frame.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
}

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>

#include "base/releaser.h"

namespace server {

using AvPacketPtr = std::unique_ptr<AVPacket, base::ReleaserByAddress<av_packet_free>>;
using AvFramePtr = std::unique_ptr<AVFrame, base::ReleaserByAddress<av_frame_free>>;
using AvCodecContextPtr = std::unique_ptr<AVCodecContext, base::ReleaserByAddress<avcodec_free_context>>;
using AvParametersPtr = std::unique_ptr<AVCodecParameters, base::ReleaserByAddress<avcodec_parameters_free>>;
using AvInputPtr = std::unique_ptr<AVFormatContext, base::ReleaserByAddress<avformat_close_input>>;
using SwsContextPtr = std::unique_ptr<SwsContext, base::Releaser<sws_freeContext>>;
using SwrContextPtr = std::unique_ptr<SwrContext, base::ReleaserByAddress<swr_free>>;

inline std::shared_ptr<const AVCodecParameters> share(AvParametersPtr parameters) {
  return {parameters.release(), [](const AVCodecParameters* p) {
            auto* owned = const_cast<AVCodecParameters*>(p);
            avcodec_parameters_free(&owned);
          }};
}

inline std::shared_ptr<const AVPacket> share(AvPacketPtr packet) {
  return {packet.release(), [](const AVPacket* p) {
            auto* owned = const_cast<AVPacket*>(p);
            av_packet_free(&owned);
          }};
}

// A Picture (source.h).
inline std::shared_ptr<const AVFrame> share(AvFramePtr frame) {
  return {frame.release(), [](const AVFrame* p) {
            auto* owned = const_cast<AVFrame*>(p);
            av_frame_free(&owned);
          }};
}

inline constexpr double kNarrowest = 16, kWidest = 16384;  // as shown, of pictures that say the shape of their pixels

// How much wider than its samples a picture is shown. A shape of pixels that would make it a thread or a ribbon counts as none: senders
// may say anything.
inline double stretch_of(const AVFrame& picture) {
  const AVRational pixel = picture.sample_aspect_ratio;
  if (pixel.num <= 0 || pixel.den <= 0) return 1;
  const double shown = picture.width * av_q2d(pixel);
  return shown >= kNarrowest && shown <= kWidest ? av_q2d(pixel) : 1;
}
// Its width as shown, in square pixels.
inline int shown_width(const AVFrame& picture) { return static_cast<int>(std::lround(picture.width * stretch_of(picture))); }

inline void set_extradata(AVCodecParameters& parameters, std::span<const std::uint8_t> bytes) {
  av_freep(&parameters.extradata);
  parameters.extradata_size = 0;
  if (bytes.empty()) return;
  parameters.extradata = static_cast<std::uint8_t*>(av_mallocz(bytes.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  if (parameters.extradata == nullptr) return;
  std::memcpy(parameters.extradata, bytes.data(), bytes.size());
  parameters.extradata_size = static_cast<int>(bytes.size());
}

inline std::string av_error_text(int code) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(code, text.data(), text.size());
  return text.data();
}

}  // namespace server
