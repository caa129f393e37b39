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

#include "base/releaser.h"

namespace server {

using AvPacketPtr = std::unique_ptr<AVPacket, base::ReleaserByAddress<av_packet_free>>;
using AvFramePtr = std::unique_ptr<AVFrame, base::ReleaserByAddress<av_frame_free>>;
using AvCodecContextPtr = std::unique_ptr<AVCodecContext, base::ReleaserByAddress<avcodec_free_context>>;
using AvInputPtr = std::unique_ptr<AVFormatContext, base::ReleaserByAddress<avformat_close_input>>;
using SwsContextPtr = std::unique_ptr<SwsContext, base::Releaser<sws_freeContext>>;
using SwrContextPtr = std::unique_ptr<SwrContext, base::ReleaserByAddress<swr_free>>;

inline std::string av_error_text(int code) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(code, text.data(), text.size());
  return text.data();
}

}  // namespace server
