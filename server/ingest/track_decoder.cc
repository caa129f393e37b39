#include "server/ingest/track_decoder.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/ensure.h"
#include "base/steady_timeline.h"
#include "server/ingest/timecode.h"

namespace server {
namespace {

base::Duration to_duration(std::int64_t units, AVRational time_base) {
  return base::Duration{av_rescale_q(units, time_base, AVRational{1, 1'000'000'000})};
}

}  // namespace

std::optional<TrackDecoder> TrackDecoder::open(const AVStream& stream) {
  const AVCodec* codec = avcodec_find_decoder(stream.codecpar->codec_id);
  if (codec == nullptr) return std::nullopt;
  AvCodecContextPtr context{avcodec_alloc_context3(codec)};
  if (context == nullptr || avcodec_parameters_to_context(context.get(), stream.codecpar) < 0) return std::nullopt;
  context->pkt_timebase = stream.time_base;
  context->thread_count = 1;
  if (avcodec_open2(context.get(), codec, nullptr) < 0) return std::nullopt;
  return TrackDecoder{std::move(context)};
}

void TrackDecoder::decode(AVPacket* packet, const std::function<void(const AVFrame&, base::Duration)>& take) {
  if (packet != nullptr) stamp(*packet);
  if (avcodec_send_packet(context_.get(), packet) < 0) return;
  std::int64_t samples = 0;
  while (avcodec_receive_frame(context_.get(), frame_.get()) == 0) {
    const std::int64_t at = frame_->best_effort_timestamp;
    if (at != AV_NOPTS_VALUE) take(*frame_, to_duration(at, context_->pkt_timebase));
    samples += frame_->nb_samples;
    av_frame_unref(frame_.get());
  }
  sound_end_.reset();
  if (packet != nullptr && samples > 0 && packet->pts != AV_NOPTS_VALUE)
    sound_end_ = packet->pts + av_rescale_q(samples, AVRational{1, context_->sample_rate}, context_->pkt_timebase);
}

void TrackDecoder::stamp(AVPacket& packet) const {
  if (sound_end_ && packet.pts == AV_NOPTS_VALUE && packet.dts == AV_NOPTS_VALUE) packet.pts = packet.dts = *sound_end_;
}

double TrackDecoder::frames_per_second() const {
  const AVRational rate = context_->framerate;
  return rate.num > 0 && rate.den > 0 ? av_q2d(rate) : 0;
}

std::optional<MediaPacket> TrackDecoder::packet_for_others(const AVPacket& packet, PacketTrack track) {
  update_parameters(packet);
  const std::int64_t decode = packet.dts != AV_NOPTS_VALUE ? packet.dts : packet.pts;
  if (parameters_ == nullptr || decode == AV_NOPTS_VALUE) return std::nullopt;
  const AVRational base = context_->pkt_timebase;
  MediaPacket out{.track = track,
                  .key = (packet.flags & AV_PKT_FLAG_KEY) != 0,
                  .packet = share(AvPacketPtr{av_packet_clone(&packet)}),
                  .parameters = parameters_,
                  .decode = to_duration(decode, base),
                  .present = to_duration(packet.pts != AV_NOPTS_VALUE ? packet.pts : decode, base),
                  .lasts = to_duration(packet.duration, base),
                  .arrived = base::steady_now()};
  ENSURE(out.packet != nullptr);
  return out;
}

void TrackDecoder::update_parameters(const AVPacket& packet) {
  const AVCodecContext& now = *context_;
  const bool known = now.codec_type == AVMEDIA_TYPE_VIDEO ? now.width > 0 && now.height > 0 : now.sample_rate > 0;
  if (!known) return;
  std::size_t size = 0;
  const std::uint8_t* anew = av_packet_get_side_data(&packet, AV_PKT_DATA_NEW_EXTRADATA, &size);
  const AVCodecParameters* had = parameters_.get();
  const bool same = had != nullptr && had->width == now.width && had->height == now.height && had->sample_rate == now.sample_rate &&
                    had->ch_layout.nb_channels == now.ch_layout.nb_channels;
  if (same && anew == nullptr) return;
  AvParametersPtr made{avcodec_parameters_alloc()};
  ENSURE(made != nullptr && avcodec_parameters_from_context(made.get(), context_.get()) >= 0);
  made->codec_tag = 0;
  if (anew != nullptr) set_extradata(*made, {anew, size});
  if (anew == nullptr && had != nullptr) set_extradata(*made, {had->extradata, static_cast<std::size_t>(had->extradata_size)});
  parameters_ = share(std::move(made));
}

bool AudioNormaliser::adapt_to(const AVFrame& frame) {
  const int channels = frame.ch_layout.nb_channels;
  if (resampler_ && rate_ == frame.sample_rate && format_ == frame.format && channels_ == channels) return true;
  AVChannelLayout stereo = AV_CHANNEL_LAYOUT_STEREO;
  AVChannelLayout given = frame.ch_layout;  // borrowed: libswresample copies it
  SwrContext* made = nullptr;
  const int failed = swr_alloc_set_opts2(&made, &stereo, AV_SAMPLE_FMT_FLTP, kSampleRate, &given, static_cast<AVSampleFormat>(frame.format),
                                         frame.sample_rate, 0, nullptr);
  resampler_.reset(made);
  if (failed < 0 || made == nullptr || swr_init(made) < 0) {
    resampler_.reset();
    return false;
  }
  rate_ = frame.sample_rate;
  format_ = frame.format;
  channels_ = channels;
  return true;
}

AudioBlock AudioNormaliser::convert(const AVFrame& frame, base::Duration timestamp) {
  AudioBlock block;
  if (!adapt_to(frame)) return block;
  const std::int64_t held = swr_get_delay(resampler_.get(), kSampleRate);
  block.timestamp = timestamp - to_duration(held, AVRational{1, kSampleRate});
  const int room = swr_get_out_samples(resampler_.get(), frame.nb_samples);
  if (room <= 0) return block;
  block.left.resize(static_cast<std::size_t>(room));
  block.right.resize(static_cast<std::size_t>(room));
  std::array<std::uint8_t*, 2> out{reinterpret_cast<std::uint8_t*>(block.left.data()), reinterpret_cast<std::uint8_t*>(block.right.data())};
  const int got = swr_convert(resampler_.get(), out.data(), room, const_cast<const std::uint8_t**>(frame.extended_data), frame.nb_samples);
  block.left.resize(static_cast<std::size_t>(std::max(got, 0)));
  block.right.resize(block.left.size());
  return block;
}

std::optional<base::UtcTime> capture_time(const AVFrame& frame) {
  for (int i = 0; i < frame.nb_side_data; ++i) {
    const AVFrameSideData& side = *frame.side_data[i];
    if (side.type != AV_FRAME_DATA_SEI_UNREGISTERED) continue;
    const std::optional<base::UtcTime> time = parse_timecode(std::span{side.data, side.size});
    if (time) return time;
  }
  return std::nullopt;
}

}  // namespace server
