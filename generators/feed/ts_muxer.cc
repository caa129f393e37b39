#include "generators/feed/ts_muxer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/errors.h"

namespace generators {
namespace {

constexpr base::Duration kHeadroom = std::chrono::seconds{1};  // a first picture with a negative DTS stays above zero
// Timestamps on the wire have 33 bits (ISO/IEC 13818-1, 2.4.3.7). FFmpeg wants them to grow, so a step back is one ahead over the wrap.
constexpr std::int64_t kWrap = std::int64_t{1} << 33;

void check(const char* attempt, int result) {
  if (result < 0) throw base::RunFailed(fmt::format("cannot {} as MPEG-TS: {}", attempt, av_error_text(result)));
}

}  // namespace

class TsMuxer::Impl {
 public:
  Impl(const Clip& clip, Sink sink) : sink_{std::move(sink)}, packet_{av_packet_alloc()} {
    auto* buffer = static_cast<unsigned char*>(av_malloc(kPayload));
    output_.reset(avio_alloc_context(buffer, kPayload, 1, this, nullptr, &Impl::take, nullptr));
    AVFormatContext* context = nullptr;
    check("begin", avformat_alloc_output_context2(&context, nullptr, "mpegts", nullptr));
    context_.reset(context);
    context->pb = output_.get();
    context->avoid_negative_ts = 0;
    context->max_delay = 50'000;  // PCR runs a tenth of a second ahead of the DTS
    add_stream(clip.video());
    add_stream(clip.audio());
    AVDictionary* options = nullptr;
    av_dict_set(&options, "pes_payload_size", "0", 0);
    const int result = avformat_write_header(context, &options);
    av_dict_free(&options);
    check("begin", result);
  }

  void shift(base::Duration shift) {
    if (shift < shift_) ++wraps_;
    shift_ = shift;
  }

  void write(const Unit& unit) {
    packet_->data = const_cast<std::uint8_t*>(unit.bytes.data());  // av_write_frame copies what it keeps
    packet_->size = static_cast<int>(unit.bytes.size());
    packet_->stream_index = unit.is_video ? 0 : 1;
    packet_->flags = unit.is_key ? AV_PKT_FLAG_KEY : 0;
    const AVRational base = context_->streams[packet_->stream_index]->time_base;
    packet_->dts = on_the_wire(unit.dts, base);
    packet_->pts = on_the_wire(unit.pts, base);
    const int result = av_write_frame(context_.get(), packet_.get());
    av_packet_unref(packet_.get());
    check("write a packet", result);
    avio_flush(output_.get());
    send_full_payloads();
    if (unit.is_video) send_rest();
  }

 private:
  std::int64_t on_the_wire(base::Duration time, AVRational base) const {
    return av_rescale_q((time + shift_ + kHeadroom).count(), kNanoseconds, base) + wraps_ * kWrap;
  }

  static int take(void* self, std::uint8_t* bytes, int count) {
    auto& pending = static_cast<Impl*>(self)->pending_;
    pending.insert(pending.end(), bytes, bytes + count);
    return count;
  }

  void add_stream(const AVCodecParameters& parameters) {
    AVStream* stream = avformat_new_stream(context_.get(), nullptr);
    check("describe a track", stream == nullptr ? AVERROR(ENOMEM) : avcodec_parameters_copy(stream->codecpar, &parameters));
    stream->codecpar->codec_tag = 0;  // MP4's tag means nothing here
  }

  void send_full_payloads() {
    std::size_t sent = 0;
    for (; pending_.size() - sent >= kPayload; sent += kPayload) sink_({pending_.data() + sent, kPayload});
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(sent));
  }

  void send_rest() {
    if (!pending_.empty()) sink_(pending_);
    pending_.clear();
  }

  base::Duration shift_{};
  std::int64_t wraps_ = 0;
  Sink sink_;
  std::vector<std::uint8_t> pending_;  // whole TS packets
  AvIo output_;
  AvOutput context_;
  AvPacketOwner packet_;
};

TsMuxer::TsMuxer(const Clip& clip, Sink sink) : impl_{std::make_unique<Impl>(clip, std::move(sink))} {}
TsMuxer::~TsMuxer() = default;
void TsMuxer::shift(base::Duration shift) { impl_->shift(shift); }
void TsMuxer::write(const Unit& unit) { impl_->write(unit); }

}  // namespace generators
