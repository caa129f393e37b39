#include "server/transcode/video_encoder.h"

#include <fmt/format.h>

extern "C" {
#include <libavutil/opt.h>
}

#include "base/ensure.h"
#include "base/errors.h"
#include "media/mp4.h"
#include "server/ingest/av_handles.h"
#include "server/ingest/new_picture.h"
#include "server/ingest/scaler.h"

namespace server {
namespace {

// Of the target rate: what the decoder's buffer fills with, and how many seconds it holds.
constexpr double kPeakRate = 1.1;
constexpr double kBuffer = 0.75;
// What a segment of two seconds came to at most, boxes included, over all test patterns: 1.2.
constexpr double kDeclaredPeak = 1.25;

constexpr const char* kX264 = "threads=1:sliced-threads=0:scenecut=0:open-gop=0:bframes=0:rc-lookahead=0:aud=0:annexb=1:repeat-headers=0";

[[noreturn]] void fail_picture(const std::string& what, int code) {
  throw base::RunFailed(fmt::format("{} with libx264: {}", what, av_error_text(code)));
}

// Players guess the colours of a track that does not say; differently for each rung. What the source leaves open is settled here.
void describe_colours(AVCodecContext& context, const AVFrame& model) {
  const bool high_definition = model.height >= 720;
  context.color_range = AVCOL_RANGE_MPEG;  // what the scaler makes of any
  context.colorspace = matrix_of(model, model.height);
  context.color_primaries = model.color_primaries != AVCOL_PRI_UNSPECIFIED ? model.color_primaries
                            : high_definition                              ? AVCOL_PRI_BT709
                                                                           : AVCOL_PRI_SMPTE170M;
  context.color_trc = model.color_trc != AVCOL_TRC_UNSPECIFIED ? model.color_trc : high_definition ? AVCOL_TRC_BT709 : AVCOL_TRC_SMPTE170M;
}

AvCodecContextPtr open_encoder(const PlannedRung& rung, FrameRate rate, const AVFrame& model) {
  const std::string attempt = fmt::format("encode {}x{}", rung.width, rung.height);
  const AVCodec* codec = avcodec_find_encoder_by_name("libx264");
  if (codec == nullptr) throw base::RunFailed(attempt + ": this FFmpeg was built without libx264");
  AvCodecContextPtr context{avcodec_alloc_context3(codec)};
  ENSURE(context != nullptr);
  context->width = rung.width;
  context->height = rung.height;
  context->pix_fmt = AV_PIX_FMT_YUV420P;
  context->sample_aspect_ratio = {1, 1};
  context->time_base = {rate.denominator, rate.numerator};
  context->framerate = {rate.numerator, rate.denominator};
  context->bit_rate = rung.bitrate.bps();
  context->rc_max_rate = (rung.bitrate * kPeakRate).bps();
  context->rc_buffer_size = static_cast<int>((rung.bitrate * kBuffer).bps());
  context->gop_size = 100'000;  // IDR frames come on request only
  context->max_b_frames = 0;
  context->thread_count = 1;
  context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_CLOSED_GOP;
  describe_colours(*context, model);
  av_opt_set(context->priv_data, "preset", "superfast", 0);
  av_opt_set(context->priv_data, "tune", "zerolatency", 0);
  av_opt_set(context->priv_data, "forced-idr", "1", 0);
  av_opt_set(context->priv_data, "x264-params", kX264, 0);
  context->log_level_offset = AV_LOG_VERBOSE - AV_LOG_WARNING;  // no statistics on stderr
  if (const int code = avcodec_open2(context.get(), codec, nullptr); code < 0) fail_picture(attempt, code);
  return context;
}

std::string_view view_of(const std::uint8_t* data, int size) {
  return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)};
}

}  // namespace

class VideoEncoder::Impl {
 public:
  Impl(const PlannedRung& rung, FrameRate rate, const AVFrame& model)
      : context_{open_encoder(rung, rate, model)}, scaler_{rung.width, rung.height, context_->colorspace} {
    const base::Result<std::string> config = media::avc_config_from_annex_b(view_of(context_->extradata, context_->extradata_size));
    if (config.has_error()) throw base::RunFailed("libx264's parameter sets: " + config.error().message);
    config_ = *config;
  }

  EncodedSample encode(const Picture& picture, std::int64_t frame, bool key) {
    if (picture != source_) scale(picture);
    AvFramePtr input{av_frame_clone(scaled_.get())};
    ENSURE(input != nullptr);
    av_frame_remove_side_data(input.get(), AV_FRAME_DATA_SEI_UNREGISTERED);
    input->pts = frame;
    input->pict_type = key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    if (const int code = avcodec_send_frame(context_.get(), input.get()); code < 0) fail_picture("encode a picture", code);
    if (const int code = avcodec_receive_packet(context_.get(), packet_.get()); code < 0) fail_picture("take an encoded picture", code);
    ENSURE(packet_->pts == frame);
    EncodedSample sample{.frame = frame,
                         .bytes = media::annex_b_to_length_prefixed(view_of(packet_->data, packet_->size)),
                         .key = (packet_->flags & AV_PKT_FLAG_KEY) != 0};
    av_packet_unref(packet_.get());
    return sample;
  }

  const Picture& scaled() const { return scaled_; }
  const std::string& config() const { return config_; }

 private:
  void scale(const Picture& picture) {
    source_ = picture;
    const AVFrame& from = *picture;
    if (from.width == context_->width && from.height == context_->height && from.format == context_->pix_fmt && !is_full_range(from)) {
      scaled_ = picture;
      return;
    }
    AvFramePtr to = new_picture(context_->width, context_->height, "scale");
    scaler_.scale(from, to->data, to->linesize);
    scaled_ = share(std::move(to));
  }

  AvCodecContextPtr context_;
  AvPacketPtr packet_{av_packet_alloc()};
  Scaler scaler_;
  Picture source_, scaled_;
  std::string config_;
};

VideoEncoder::VideoEncoder(const PlannedRung& rung, FrameRate rate, const AVFrame& model)
    : impl_{std::make_unique<Impl>(rung, rate, model)} {}
VideoEncoder::~VideoEncoder() = default;
EncodedSample VideoEncoder::encode(const Picture& picture, std::int64_t frame, bool key) { return impl_->encode(picture, frame, key); }
const Picture& VideoEncoder::scaled() const { return impl_->scaled(); }
const std::string& VideoEncoder::codec_config() const { return impl_->config(); }

base::Bitrate VideoEncoder::peak(base::Bitrate target) { return target * kDeclaredPeak; }

}  // namespace server
