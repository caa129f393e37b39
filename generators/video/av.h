// Owners of FFmpeg objects, and FFmpeg's error numbers as text. No other file of this folder names a free function.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
}

#include <memory>
#include <string>

#include "base/releaser.h"

namespace generators {

using AvFrame = std::unique_ptr<AVFrame, base::ReleaserByAddress<av_frame_free>>;
using AvPacket = std::unique_ptr<AVPacket, base::ReleaserByAddress<av_packet_free>>;
using AvCodec = std::unique_ptr<AVCodecContext, base::ReleaserByAddress<avcodec_free_context>>;

inline std::string av_text(int code) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  return av_make_error_string(text, sizeof text, code);
}

}  // namespace generators
