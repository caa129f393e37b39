#include "generators/feed/silent_sound.h"

#include <fmt/format.h>

extern "C" {
#include <libavutil/samplefmt.h>
}

#include "base/errors.h"

namespace generators {
namespace {

constexpr int kSettling = 4;  // frames: the encoder's first ones still hold its beginning

void check_sound(int result) {
  if (result < 0) throw base::RunFailed(fmt::format("cannot encode silence for the feed: {}", av_error_text(result)));
}

}  // namespace

std::vector<std::uint8_t> silent_frame_for(const Clip& clip) {
  const AVCodec* codec = avcodec_find_encoder(AV_CODEC_ID_AAC);
  if (codec == nullptr) throw base::RunFailed("FFmpeg has no AAC encoder; install its libraries with it");
  const AvCodecOwner encoder{avcodec_alloc_context3(codec)};
  encoder->sample_rate = clip.audio().sample_rate;
  encoder->sample_fmt = AV_SAMPLE_FMT_FLTP;
  encoder->time_base = {1, encoder->sample_rate};
  encoder->bit_rate = clip.audio().bit_rate;
  encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  check_sound(av_channel_layout_copy(&encoder->ch_layout, &clip.audio().ch_layout));
  check_sound(avcodec_open2(encoder.get(), codec, nullptr));
  const AvFrameOwner frame{av_frame_alloc()};
  frame->format = encoder->sample_fmt;
  frame->sample_rate = encoder->sample_rate;
  frame->nb_samples = encoder->frame_size;
  check_sound(av_channel_layout_copy(&frame->ch_layout, &encoder->ch_layout));
  check_sound(av_frame_get_buffer(frame.get(), 0));
  av_samples_set_silence(frame->extended_data, 0, frame->nb_samples, frame->ch_layout.nb_channels, encoder->sample_fmt);
  frame->pts = 0;
  const AvPacketOwner packet{av_packet_alloc()};
  std::vector<std::uint8_t> silence;
  for (int made = 0; made < kSettling; frame->pts += frame->nb_samples) {
    check_sound(avcodec_send_frame(encoder.get(), frame.get()));
    for (; avcodec_receive_packet(encoder.get(), packet.get()) == 0; av_packet_unref(packet.get()), ++made)
      silence.assign(packet->data, packet->data + packet->size);
  }
  return silence;
}

}  // namespace generators
