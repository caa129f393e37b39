// Owners of FFmpeg objects, and FFmpeg's error numbers as text.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavformat/avformat.h>
}

#include <memory>
#include <string>

namespace generators {

// The time base of base::Duration.
inline constexpr AVRational kNanoseconds{1, 1'000'000'000};

template <auto Release>
struct FeedReleaser {
  void operator()(auto* object) const noexcept { Release(&object); }
};
using AvInput = std::unique_ptr<AVFormatContext, FeedReleaser<avformat_close_input>>;
using AvFilter = std::unique_ptr<AVBSFContext, FeedReleaser<av_bsf_free>>;
using AvPacketOwner = std::unique_ptr<AVPacket, FeedReleaser<av_packet_free>>;

inline std::string av_error_text(int code) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  return av_make_error_string(text, sizeof text, code);
}

}  // namespace generators
