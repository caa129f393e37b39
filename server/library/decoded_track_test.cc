// Holds no test of its own: plays tracks for the others.
#include "server/library/decoded_track.h"

#include <algorithm>
#include <cstring>

#include "server/ingest/av_handles.h"

namespace server {
namespace {

struct Reading {
  std::string bytes;
  std::size_t at = 0;
};

int read_some(void* opaque, std::uint8_t* into, int size) {
  auto& reading = *static_cast<Reading*>(opaque);
  const std::size_t taken = std::min(static_cast<std::size_t>(size), reading.bytes.size() - reading.at);
  std::memcpy(into, reading.bytes.data() + reading.at, taken);
  reading.at += taken;
  return taken == 0 ? AVERROR_EOF : static_cast<int>(taken);
}

void take_frames(AVCodecContext& decoder, AVRational time_base, Played& played) {
  AvFramePtr frame{av_frame_alloc()};
  while (avcodec_receive_frame(&decoder, frame.get()) == 0) {
    played.frame_times.push_back(static_cast<double>(frame->best_effort_timestamp) * av_q2d(time_base));
    if (decoder.codec_type == AVMEDIA_TYPE_VIDEO) {
      played.brightness.push_back(frame->data[0][frame->height / 2 * frame->linesize[0] + frame->width / 2]);
    }
  }
}

}  // namespace

Played play(const TrackSnapshot& track) {
  Played played;
  Reading reading{.bytes = joined(track)};
  AVIOContext* io = avio_alloc_context(static_cast<unsigned char*>(av_malloc(4096)), 4096, 0, &reading, read_some, nullptr, nullptr);
  AVFormatContext* input = avformat_alloc_context();
  input->pb = io;
  played.errors += avformat_open_input(&input, nullptr, nullptr, nullptr) < 0 ? 1 : 0;
  if (input != nullptr && input->nb_streams == 1) {
    const AvInputPtr owner{input};
    const AVStream& stream = *input->streams[0];
    const AVCodec* codec = avcodec_find_decoder(stream.codecpar->codec_id);
    AvCodecContextPtr decoder{avcodec_alloc_context3(codec)};
    avcodec_parameters_to_context(decoder.get(), stream.codecpar);
    decoder->err_recognition = AV_EF_EXPLODE | AV_EF_CRCCHECK | AV_EF_BITSTREAM;
    played.errors += avcodec_open2(decoder.get(), codec, nullptr) < 0 ? 1 : 0;
    AvPacketPtr packet{av_packet_alloc()};
    while (av_read_frame(input, packet.get()) == 0) {
      played.errors += avcodec_send_packet(decoder.get(), packet.get()) < 0 ? 1 : 0;
      av_packet_unref(packet.get());
      take_frames(*decoder, stream.time_base, played);
    }
    avcodec_send_packet(decoder.get(), nullptr);
    take_frames(*decoder, stream.time_base, played);
  } else {
    ++played.errors;
  }
  av_freep(&io->buffer);
  avio_context_free(&io);
  return played;
}

}  // namespace server
