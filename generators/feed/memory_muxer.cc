#include "generators/feed/memory_muxer.h"

#include <fmt/format.h>

#include <cstring>

#include "base/errors.h"

namespace generators {

MemoryMuxer::MemoryMuxer(const Clip& clip, const Options& options) : options_{options}, packet_{av_packet_alloc()} {
  auto* buffer = static_cast<unsigned char*>(av_malloc(static_cast<std::size_t>(options.buffer)));
  io_.reset(avio_alloc_context(buffer, options.buffer, 1, this, nullptr, &MemoryMuxer::append, nullptr));
  AVFormatContext* context = nullptr;
  check("begin", avformat_alloc_output_context2(&context, nullptr, options.format, nullptr));
  context_.reset(context);
  context->pb = io_.get();
  context->avoid_negative_ts = 0;
  if (options.max_delay >= 0) context->max_delay = options.max_delay;
  add_stream(clip.video());
  add_stream(clip.audio());
  AVDictionary* dictionary = nullptr;
  av_dict_set(&dictionary, options.option, options.value, 0);
  const int result = avformat_write_header(context, &dictionary);
  av_dict_free(&dictionary);
  check("begin", result);
  avio_flush(io_.get());
}

std::int64_t MemoryMuxer::ticks(const Unit& unit, base::Duration time) const {
  return av_rescale_q(time.count(), kNanoseconds, context_->streams[index_of(unit)]->time_base);
}

void MemoryMuxer::write(const Unit& unit, std::int64_t dts, std::int64_t pts, std::span<const std::uint8_t> description) {
  packet_->data = const_cast<std::uint8_t*>(unit.bytes.data());  // av_write_frame copies what it keeps
  packet_->size = static_cast<int>(unit.bytes.size());
  packet_->stream_index = index_of(unit);
  packet_->flags = unit.is_key ? AV_PKT_FLAG_KEY : 0;
  packet_->dts = dts;
  packet_->pts = pts;
  if (!description.empty()) describe(description);
  const int result = av_write_frame(context_.get(), packet_.get());
  av_packet_unref(packet_.get());
  check("write a packet", result);
  avio_flush(io_.get());
}

int MemoryMuxer::append(void* self, std::uint8_t* bytes, int count) {
  auto& output = static_cast<MemoryMuxer*>(self)->output_;
  output.insert(output.end(), bytes, bytes + count);
  return count;
}

void MemoryMuxer::check(const char* attempt, int result) const {
  if (result < 0) throw base::RunFailed(fmt::format("cannot {} as {}: {}", attempt, options_.called, av_error_text(result)));
}

void MemoryMuxer::add_stream(const AVCodecParameters& parameters) {
  AVStream* stream = avformat_new_stream(context_.get(), nullptr);
  check("describe a track", stream == nullptr ? AVERROR(ENOMEM) : avcodec_parameters_copy(stream->codecpar, &parameters));
  stream->codecpar->codec_tag = 0;  // MP4's tag means nothing here
}

void MemoryMuxer::describe(std::span<const std::uint8_t> description) {
  std::uint8_t* data = av_packet_new_side_data(packet_.get(), AV_PKT_DATA_NEW_EXTRADATA, description.size());
  check("describe a track", data == nullptr ? AVERROR(ENOMEM) : 0);
  std::memcpy(data, description.data(), description.size());
}

}  // namespace generators
