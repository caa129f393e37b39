#include "generators/feed/picture_encoder.h"

#include <fmt/format.h>

extern "C" {
#include <libavutil/opt.h>
}

#include <algorithm>
#include <optional>

#include "base/ensure.h"
#include "base/errors.h"

namespace generators {
namespace {

constexpr std::int64_t kUnknownRate = 2'000'000;  // bits per second, of a clip that does not say; an assumption
constexpr std::int64_t kLeastRate = 10'000;       // x264 takes whole kbit/s
constexpr int kQuiet = AV_LOG_INFO - AV_LOG_ERROR;

void check_picture(const char* attempt, int result) {
  if (result < 0) throw base::RunFailed(fmt::format("cannot {} a picture of the feed: {}", attempt, av_error_text(result)));
}

// Limited range: luma 16, no colour. Of the formats that x264 and our decoder share.
AvFrameOwner black_like(const AVFrame& model) {
  AvFrameOwner frame{av_frame_alloc()};
  frame->format = model.format;
  frame->width = model.width;
  frame->height = model.height;
  check_picture("make", av_frame_get_buffer(frame.get(), 0));
  const std::ptrdiff_t lines[4] = {frame->linesize[0], frame->linesize[1], frame->linesize[2], frame->linesize[3]};
  check_picture("make", av_image_fill_black(frame->data, lines, static_cast<AVPixelFormat>(model.format), AVCOL_RANGE_MPEG, model.width,
                                            model.height));
  return frame;
}

}  // namespace

class PictureEncoder::Impl {
 public:
  Impl(const Clip& clip, std::span<const Unit> group) : clip_{clip}, packet_{av_packet_alloc()}, decoded_{av_frame_alloc()} {
    open_decoder();
    for (const Unit& unit : group) decode(unit);
    if (latest_) shown_.reset(av_frame_clone(latest_.get()));
  }

  void begin_anew() { encoder_.reset(); }

  Unit in_place_of(const Unit& unit, const Look& look) {
    decode(unit);
    if (!latest_) return unit;  // the clip is damaged: nothing has been decoded of it yet
    if (!encoder_ || rate_factor_ != look.bitrate) open_encoder(look.bitrate);
    if (look.is_black)
      shown_ = black_like(*latest_);
    else if (!look.is_frozen || !shown_)
      shown_.reset(av_frame_clone(latest_.get()));
    return encode(unit);
  }

 private:
  void open_decoder() {
    const AVCodec* codec = avcodec_find_decoder(AV_CODEC_ID_H264);
    decoder_.reset(avcodec_alloc_context3(codec));
    check_picture("decode", avcodec_parameters_to_context(decoder_.get(), &clip_.video()));
    decoder_->thread_count = 1;
    check_picture("decode", avcodec_open2(decoder_.get(), codec, nullptr));
  }

  // Damage in the clip is its viewers' matter.
  void decode(const Unit& unit) {
    packet_->data = const_cast<std::uint8_t*>(unit.bytes.data());  // copied: it has no owner that could be shared
    packet_->size = static_cast<int>(unit.bytes.size());
    const int sent = avcodec_send_packet(decoder_.get(), packet_.get());
    av_packet_unref(packet_.get());
    if (sent < 0) return;
    while (avcodec_receive_frame(decoder_.get(), decoded_.get()) == 0) latest_.reset(av_frame_clone(decoded_.get()));
  }

  void open_encoder(double factor) {
    rate_factor_ = factor;
    const AVCodec* codec = avcodec_find_encoder_by_name("libx264");
    if (codec == nullptr) throw base::RunFailed("FFmpeg has no libx264 encoder; install its libraries with it");
    encoder_.reset(avcodec_alloc_context3(codec));
    AVCodecContext& v = *encoder_;
    v.log_level_offset = kQuiet;
    v.width = latest_->width;
    v.height = latest_->height;
    v.pix_fmt = static_cast<AVPixelFormat>(latest_->format);
    v.sample_aspect_ratio = latest_->sample_aspect_ratio;
    v.color_range = latest_->color_range;
    v.color_primaries = latest_->color_primaries;
    v.color_trc = latest_->color_trc;
    v.colorspace = latest_->colorspace;
    v.time_base = {1, 90'000};
    const AVRational rate = clip_.frame_rate();
    v.framerate = rate;
    const std::int64_t own = clip_.video().bit_rate > 0 ? clip_.video().bit_rate : kUnknownRate;
    v.bit_rate = std::max(kLeastRate, static_cast<std::int64_t>(static_cast<double>(own) * factor));
    v.rc_max_rate = v.bit_rate;
    v.rc_buffer_size = static_cast<int>(std::min<std::int64_t>(v.bit_rate, 1 << 30));  // a second
    v.gop_size = std::max(1, static_cast<int>(av_q2d(rate) + 0.5));                    // a second, as generate_video's
    v.max_b_frames = 0;
    v.thread_count = 1;
    av_opt_set(v.priv_data, "preset", "ultrafast", 0);  // in real time beside everything else that a rehearsal runs
    av_opt_set(v.priv_data, "tune", "zerolatency", 0);
    check_picture("encode", avcodec_open2(&v, codec, nullptr));
  }

  Unit encode(const Unit& unit) {
    AVFrame& frame = *shown_;
    frame.pict_type = AV_PICTURE_TYPE_NONE;
    frame.pts = av_rescale_q(unit.dts.count(), kNanoseconds, encoder_->time_base);
    check_picture("encode", avcodec_send_frame(encoder_.get(), &frame));
    check_picture("encode", avcodec_receive_packet(encoder_.get(), packet_.get()));  // zerolatency: one in, one out
    Unit made{.is_video = true,
              .is_key = (packet_->flags & AV_PKT_FLAG_KEY) != 0,
              .dts = unit.dts,
              .pts = unit.dts + clip_.reorder_delay(),
              .bytes = {packet_->data, packet_->data + packet_->size}};
    av_packet_unref(packet_.get());
    return made;
  }

  const Clip& clip_;
  AvCodecOwner decoder_, encoder_;
  AvPacketOwner packet_;
  AvFrameOwner decoded_, latest_, shown_;
  double rate_factor_ = 0;
};

PictureEncoder::PictureEncoder(const Clip& clip, std::span<const Unit> group) : impl_{std::make_unique<Impl>(clip, group)} {}
PictureEncoder::~PictureEncoder() = default;
void PictureEncoder::begin_anew() { impl_->begin_anew(); }
Unit PictureEncoder::in_place_of(const Unit& unit, const Look& look) { return impl_->in_place_of(unit, look); }

}  // namespace generators
