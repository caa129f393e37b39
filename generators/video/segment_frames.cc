#include "generators/video/segment_frames.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/ensure.h"
#include "generators/video/av.h"

namespace generators {
namespace {

constexpr int kIoBuffer = 64 * 1024;

struct IoReleaser {
  void operator()(AVIOContext* io) const noexcept {
    av_freep(&io->buffer);
    avio_context_free(&io);
  }
};
using AvIo = std::unique_ptr<AVIOContext, IoReleaser>;
using AvInput = std::unique_ptr<AVFormatContext, base::ReleaserByAddress<avformat_close_input>>;

int read_text(void* text, std::uint8_t* into, int size) {
  auto& rest = *static_cast<std::string_view*>(text);
  const std::size_t taken = std::min(rest.size(), static_cast<std::size_t>(size));
  std::memcpy(into, rest.data(), taken);
  rest.remove_prefix(taken);
  return taken == 0 ? AVERROR_EOF : static_cast<int>(taken);
}

AvIo io_over(std::string_view& text) {
  auto* buffer = static_cast<unsigned char*>(av_malloc(kIoBuffer));
  ENSURE(buffer != nullptr);
  AvIo io{avio_alloc_context(buffer, kIoBuffer, 0, &text, read_text, nullptr, nullptr)};
  ENSURE(io != nullptr);
  return io;
}

base::Result<AvCodec> open_decoder(const AVStream& stream) {
  const AVCodec* codec = avcodec_find_decoder(stream.codecpar->codec_id);
  if (codec == nullptr) return base::error("no decoder for its codec");
  AvCodec decoder{avcodec_alloc_context3(codec)};
  ENSURE(decoder != nullptr);
  decoder->thread_count = 1;
  if (const int code = avcodec_parameters_to_context(decoder.get(), stream.codecpar); code < 0) return base::error(av_text(code));
  if (const int code = avcodec_open2(decoder.get(), codec, nullptr); code < 0) return base::error(av_text(code));
  return decoder;
}

void take_frames(AVCodecContext& decoder, AVFrame& frame, std::vector<std::optional<FrameIdentity>>& into) {
  while (avcodec_receive_frame(&decoder, &frame) == 0) {
    into.push_back(read_frame_identity(ConstPlane{frame.data[0], frame.linesize[0], frame.width, frame.height}));
    av_frame_unref(&frame);
  }
}

}  // namespace

base::Result<std::vector<std::optional<FrameIdentity>>> frames_of(std::string_view init, std::string_view segment) {
  std::string whole{init};
  whole += segment;
  std::string_view rest = whole;
  const AvIo io = io_over(rest);
  AVFormatContext* opened = avformat_alloc_context();
  ENSURE(opened != nullptr);
  opened->pb = io.get();
  if (const int code = avformat_open_input(&opened, nullptr, av_find_input_format("mp4"), nullptr); code < 0)
    return base::error(av_text(code));
  const AvInput input{opened};
  const int index = av_find_best_stream(input.get(), AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  if (index < 0) return base::error("there is no video track in it");
  base::Result<AvCodec> decoder = open_decoder(*input->streams[index]);
  if (decoder.has_error()) return base::error(decoder.error().message);
  std::vector<std::optional<FrameIdentity>> frames;
  const AvFrame frame{av_frame_alloc()};
  const AvPacket packet{av_packet_alloc()};
  while (av_read_frame(input.get(), packet.get()) >= 0) {
    if (packet->stream_index == index && avcodec_send_packet(decoder->get(), packet.get()) == 0) take_frames(**decoder, *frame, frames);
    av_packet_unref(packet.get());
  }
  avcodec_send_packet(decoder->get(), nullptr);
  take_frames(**decoder, *frame, frames);
  if (frames.empty()) return base::error("no frame of it could be decoded");
  return frames;
}

}  // namespace generators
