#include "server/ingest/scaler.h"

#include <fmt/format.h>

extern "C" {
#include <libavutil/opt.h>
}

#include "base/ensure.h"
#include "base/errors.h"

namespace server {
namespace {

constexpr int kHighDefinition = 720;  // lines
constexpr int kOne = 1 << 16;         // libswscale's fixed point

bool is_deprecated_full_range(int format) {
  return format == AV_PIX_FMT_YUVJ420P || format == AV_PIX_FMT_YUVJ422P || format == AV_PIX_FMT_YUVJ444P || format == AV_PIX_FMT_YUVJ440P ||
         format == AV_PIX_FMT_YUVJ411P;
}

}  // namespace

bool is_full_range(const AVFrame& picture) { return picture.color_range == AVCOL_RANGE_JPEG || is_deprecated_full_range(picture.format); }

AVColorSpace matrix_of(const AVFrame& picture, int height) {
  if (picture.colorspace != AVCOL_SPC_UNSPECIFIED && picture.colorspace != AVCOL_SPC_RGB) return picture.colorspace;
  return height >= kHighDefinition ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
}

void Scaler::scale(const AVFrame& from, std::uint8_t* const* data, const int* line_sizes) {
  const Kind kind{.width = from.width, .height = from.height, .format = from.format, .full_range = is_full_range(from)};
  if (context_ == nullptr || kind != kind_) fit(kind);
  sws_scale(context_.get(), from.data, from.linesize, 0, from.height, data, line_sizes);
}

// The ranges before it is initialised: later they are heeded for eight bits only.
void Scaler::fit(const Kind& kind) {
  context_.reset(sws_alloc_context());
  ENSURE(context_ != nullptr);
  SwsContext* context = context_.get();
  av_opt_set_int(context, "srcw", kind.width, 0);
  av_opt_set_int(context, "srch", kind.height, 0);
  av_opt_set_pixel_fmt(context, "src_format", static_cast<AVPixelFormat>(kind.format), 0);
  av_opt_set_int(context, "src_range", kind.full_range ? 1 : 0, 0);
  av_opt_set_int(context, "dstw", width_, 0);
  av_opt_set_int(context, "dsth", height_, 0);
  av_opt_set_pixel_fmt(context, "dst_format", AV_PIX_FMT_YUV420P, 0);
  av_opt_set_int(context, "dst_range", 0, 0);
  av_opt_set_int(context, "sws_flags", SWS_BILINEAR, 0);
  if (sws_init_context(context, nullptr, nullptr) < 0) {
    context_.reset();
    throw base::RunFailed(fmt::format("scale {}x{} pictures: pixel format {}", kind.width, kind.height, kind.format));
  }
  // Only pictures of RGB are given a matrix; others keep theirs, so both ends have the same.
  const int* matrix = sws_getCoefficients(matrix_);
  sws_setColorspaceDetails(context, matrix, kind.full_range ? 1 : 0, matrix, 0, 0, kOne, kOne);
  kind_ = kind;
}

}  // namespace server
