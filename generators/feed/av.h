// Owners of FFmpeg objects, and FFmpeg's error numbers as text.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavformat/avformat.h>
#include <libavutil/imgutils.h>
}

#include <memory>
#include <string>

#include "base/releaser.h"

namespace generators {

// The time base of base::Duration.
inline constexpr AVRational kNanoseconds{1, 1'000'000'000};

using AvInput = std::unique_ptr<AVFormatContext, base::ReleaserByAddress<avformat_close_input>>;
using AvFilter = std::unique_ptr<AVBSFContext, base::ReleaserByAddress<av_bsf_free>>;
using AvCodecOwner = std::unique_ptr<AVCodecContext, base::ReleaserByAddress<avcodec_free_context>>;
using AvFrameOwner = std::unique_ptr<AVFrame, base::ReleaserByAddress<av_frame_free>>;
using AvPacketOwner = std::unique_ptr<AVPacket, base::ReleaserByAddress<av_packet_free>>;

// Of a muxer, and of what it writes through: its buffer goes, too.
using AvOutput = std::unique_ptr<AVFormatContext, base::Releaser<avformat_free_context>>;
struct AvIoReleaser {
  void operator()(AVIOContext* io) const noexcept {
    av_freep(&io->buffer);
    avio_context_free(&io);
  }
};
using AvIo = std::unique_ptr<AVIOContext, AvIoReleaser>;

inline std::string av_error_text(int code) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  return av_make_error_string(text, sizeof text, code);
}

}  // namespace generators
