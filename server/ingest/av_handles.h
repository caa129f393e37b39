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
#include <memory>
#include <string>

namespace server {

template <auto Release>
struct ReleaserByAddress {
  void operator()(auto* p) const noexcept { Release(&p); }
};
template <auto Release>
struct Releaser {
  void operator()(auto* p) const noexcept { Release(p); }
};

using AvPacketPtr = std::unique_ptr<AVPacket, ReleaserByAddress<av_packet_free>>;
using AvFramePtr = std::unique_ptr<AVFrame, ReleaserByAddress<av_frame_free>>;
using AvCodecContextPtr = std::unique_ptr<AVCodecContext, ReleaserByAddress<avcodec_free_context>>;
using AvInputPtr = std::unique_ptr<AVFormatContext, ReleaserByAddress<avformat_close_input>>;
using SwsContextPtr = std::unique_ptr<SwsContext, Releaser<sws_freeContext>>;
using SwrContextPtr = std::unique_ptr<SwrContext, ReleaserByAddress<swr_free>>;

inline std::string av_error_text(int code) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(code, text.data(), text.size());
  return text.data();
}

}  // namespace server
