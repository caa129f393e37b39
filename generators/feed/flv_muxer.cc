#include "generators/feed/flv_muxer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <span>

#include "base/errors.h"

namespace generators {
namespace {

constexpr std::size_t kFileHeader = 13, kTagHeader = 11, kTagSize = 4;  // Adobe's FLV 10.1, E.2 to E.4
constexpr int kFlvBuffer = 64 * 1024;

void check_flv(const char* attempt, int result) {
  if (result < 0) throw base::RunFailed(fmt::format("cannot {} as FLV: {}", attempt, av_error_text(result)));
}

// The SPS and PPS in front of a key frame in Annex B form, start codes included.
std::vector<std::uint8_t> parameter_sets_of(std::span<const std::uint8_t> unit) {
  constexpr int kSps = 7, kPps = 8;
  std::vector<std::uint8_t> sets;
  const auto start = [&](std::size_t from) {  // of the next start code's three bytes
    for (std::size_t i = from; i + 3 < unit.size(); ++i)
      if (unit[i] == 0 && unit[i + 1] == 0 && unit[i + 2] == 1) return i;
    return unit.size();
  };
  for (std::size_t at = start(0); at < unit.size();) {
    const std::size_t end = start(at + 3);
    const int type = unit[at + 3] & 0x1F;
    if (type < kSps && type != 6) break;  // a slice
    if (type == kSps || type == kPps) {
      sets.push_back(0);
      std::size_t last = end;
      while (last > at + 4 && unit[last - 1] == 0) --last;  // the next start code's fourth byte
      sets.insert(sets.end(), unit.begin() + static_cast<std::ptrdiff_t>(at), unit.begin() + static_cast<std::ptrdiff_t>(last));
    }
    at = end;
  }
  return sets;
}

}  // namespace

class FlvMuxer::Impl {
 public:
  Impl(const Clip& clip, Take take) : take_{std::move(take)}, packet_{av_packet_alloc()} {
    auto* buffer = static_cast<unsigned char*>(av_malloc(kFlvBuffer));
    output_.reset(avio_alloc_context(buffer, kFlvBuffer, 1, this, nullptr, &Impl::append, nullptr));
    AVFormatContext* context = nullptr;
    check_flv("begin", avformat_alloc_output_context2(&context, nullptr, "flv", nullptr));
    context_.reset(context);
    context->pb = output_.get();
    context->avoid_negative_ts = 0;
    add_stream(clip.video());
    add_stream(clip.audio());
    AVDictionary* options = nullptr;
    av_dict_set(&options, "flvflags", "no_duration_filesize", 0);
    const int result = avformat_write_header(context, &options);
    av_dict_free(&options);
    check_flv("begin", result);
    avio_flush(output_.get());
    if (pending_.size() >= kFileHeader) give_tags(kFileHeader);
  }

  void write(const Unit& unit) {
    packet_->data = const_cast<std::uint8_t*>(unit.bytes.data());  // av_write_frame copies what it keeps
    packet_->size = static_cast<int>(unit.bytes.size());
    packet_->stream_index = unit.is_video ? 0 : 1;
    packet_->flags = unit.is_key ? AV_PKT_FLAG_KEY : 0;
    const AVRational base = context_->streams[packet_->stream_index]->time_base;
    // Only their difference is sent: on the wire, the message's own timestamp counts.
    packet_->dts = av_rescale_q((unit.dts + kEarliest).count(), kNanoseconds, base);
    packet_->pts = packet_->dts + av_rescale_q((unit.pts - unit.dts).count(), kNanoseconds, base);
    if (unit.is_video && unit.is_key) describe(unit);
    const int result = av_write_frame(context_.get(), packet_.get());
    av_packet_unref(packet_.get());
    check_flv("write a packet", result);
    avio_flush(output_.get());
    give_tags(0);
  }

 private:
  static constexpr base::Duration kEarliest = std::chrono::seconds{10};  // a clip that begins before zero stays above it

  static int append(void* self, std::uint8_t* bytes, int count) {
    auto& pending = static_cast<Impl*>(self)->pending_;
    pending.insert(pending.end(), bytes, bytes + count);
    return count;
  }

  void add_stream(const AVCodecParameters& parameters) {
    AVStream* stream = avformat_new_stream(context_.get(), nullptr);
    check_flv("describe a track", stream == nullptr ? AVERROR(ENOMEM) : avcodec_parameters_copy(stream->codecpar, &parameters));
    stream->codecpar->codec_tag = 0;  // MP4's tag means nothing here
  }

  void describe(const Unit& unit) {
    std::vector<std::uint8_t> sets = parameter_sets_of(unit.bytes);
    if (sets.empty() || sets == described_) return;
    std::uint8_t* data = av_packet_new_side_data(packet_.get(), AV_PKT_DATA_NEW_EXTRADATA, sets.size());
    check_flv("describe a track", data == nullptr ? AVERROR(ENOMEM) : 0);
    std::memcpy(data, sets.data(), sets.size());
    described_ = std::move(sets);
  }

  void give_tags(std::size_t at) {
    while (pending_.size() - at >= kTagHeader + kTagSize) {
      const std::uint8_t* tag = pending_.data() + at;
      const std::size_t size = media::rtmp::read_u24({tag + 1, 3});
      if (pending_.size() - at < kTagHeader + size + kTagSize) break;
      take_(media::rtmp::MessageType{static_cast<std::uint8_t>(tag[0] & 0x1F)}, {tag + kTagHeader, size});
      at += kTagHeader + size + kTagSize;
    }
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(at));
  }

  Take take_;
  std::vector<std::uint8_t> pending_, described_;
  AvIo output_;
  AvOutput context_;
  AvPacketOwner packet_;
};

FlvMuxer::FlvMuxer(const Clip& clip, Take take) : impl_{std::make_unique<Impl>(clip, std::move(take))} {}
FlvMuxer::~FlvMuxer() = default;
void FlvMuxer::write(const Unit& unit) { impl_->write(unit); }

}  // namespace generators
