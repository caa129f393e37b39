#include "server/transcode/audio_encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/ensure.h"
#include "base/errors.h"
#include "server/ingest/av_handles.h"
#include "server/transcode/slot_geometry.h"

namespace server {
namespace {

constexpr auto kFrame = static_cast<std::size_t>(SlotGeometry::kAacFrame);

[[noreturn]] void fail_sound(const std::string& what, int code) {
  throw base::RunFailed(fmt::format("{} with the AAC encoder: {}", what, av_error_text(code)));
}

AvCodecContextPtr open_encoder(base::Bitrate bitrate) {
  const AVCodec* codec = avcodec_find_encoder(AV_CODEC_ID_AAC);
  if (codec == nullptr) throw base::RunFailed("encode sound: this FFmpeg was built without an AAC encoder");
  AvCodecContextPtr context{avcodec_alloc_context3(codec)};
  ENSURE(context != nullptr);
  const AVChannelLayout stereo = AV_CHANNEL_LAYOUT_STEREO;
  context->ch_layout = stereo;
  context->sample_rate = SlotGeometry::kSampleRate;
  context->sample_fmt = AV_SAMPLE_FMT_FLTP;
  context->bit_rate = bitrate.bps();
  context->time_base = {1, SlotGeometry::kSampleRate};
  context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  context->log_level_offset = AV_LOG_VERBOSE - AV_LOG_WARNING;  // no statistics on stderr
  if (const int code = avcodec_open2(context.get(), codec, nullptr); code < 0) fail_sound("open", code);
  ENSURE(context->frame_size == SlotGeometry::kAacFrame && context->initial_padding == SlotGeometry::kAacFrame);
  return context;
}

}  // namespace

class AudioEncoder::Impl {
 public:
  explicit Impl(base::Bitrate bitrate)
      : context_{open_encoder(bitrate)},
        config_(reinterpret_cast<char*>(context_->extradata), static_cast<std::size_t>(context_->extradata_size)) {
    inside_.emplace_back(std::nullopt);  // the encoder's first packet is its priming
  }

  void start_at(std::int64_t frame) {
    std::ranges::fill(inside_, std::nullopt);
    left_.clear();
    right_.clear();
    next_ = frame;
  }

  std::vector<EncodedSample> encode(std::span<const float> left, std::span<const float> right) {
    ENSURE(left.size() == right.size());
    left_.insert(left_.end(), left.begin(), left.end());
    right_.insert(right_.end(), right.begin(), right.end());
    std::vector<EncodedSample> out;
    std::size_t done = 0;
    for (; left_.size() - done >= kFrame; done += kFrame) encode_frame(done, out);
    left_.erase(left_.begin(), left_.begin() + static_cast<std::ptrdiff_t>(done));
    right_.erase(right_.begin(), right_.begin() + static_cast<std::ptrdiff_t>(done));
    return out;
  }

  const std::string& config() const { return config_; }

 private:
  void encode_frame(std::size_t from, std::vector<EncodedSample>& out) {
    AvFramePtr frame{av_frame_alloc()};
    ENSURE(frame != nullptr);
    frame->nb_samples = static_cast<int>(kFrame);
    frame->format = AV_SAMPLE_FMT_FLTP;
    frame->sample_rate = SlotGeometry::kSampleRate;
    av_channel_layout_copy(&frame->ch_layout, &context_->ch_layout);
    if (const int code = av_frame_get_buffer(frame.get(), 0); code < 0) fail_sound("encode sound", code);
    std::copy_n(left_.begin() + static_cast<std::ptrdiff_t>(from), kFrame, reinterpret_cast<float*>(frame->data[0]));
    std::copy_n(right_.begin() + static_cast<std::ptrdiff_t>(from), kFrame, reinterpret_cast<float*>(frame->data[1]));
    frame->pts = (fed_++) * SlotGeometry::kAacFrame;
    inside_.push_back(next_++);
    if (const int code = avcodec_send_frame(context_.get(), frame.get()); code < 0) fail_sound("encode sound", code);
    while (avcodec_receive_packet(context_.get(), packet_.get()) == 0) {
      ENSURE(!inside_.empty());
      const std::string bytes(reinterpret_cast<const char*>(packet_->data), static_cast<std::size_t>(packet_->size));
      if (const std::optional<std::int64_t> number = inside_.front()) out.push_back({.frame = *number, .bytes = bytes, .key = true});
      inside_.pop_front();
      av_packet_unref(packet_.get());
    }
  }

  AvCodecContextPtr context_;
  AvPacketPtr packet_{av_packet_alloc()};
  std::string config_;
  std::vector<float> left_, right_;                 // less than a frame
  std::deque<std::optional<std::int64_t>> inside_;  // numbers of the frames that will come out; nothing: to be thrown away
  std::int64_t next_ = 0;
  std::int64_t fed_ = 0;  // the encoder's own clock has no gaps
};

AudioEncoder::AudioEncoder(base::Bitrate bitrate) : impl_{std::make_unique<Impl>(bitrate)} {}
AudioEncoder::~AudioEncoder() = default;
void AudioEncoder::start_at(std::int64_t frame) { impl_->start_at(frame); }
std::vector<EncodedSample> AudioEncoder::encode(std::span<const float> left, std::span<const float> right) {
  return impl_->encode(left, right);
}

std::vector<EncodedSample> AudioEncoder::encode_silence(std::int64_t samples) {
  const std::vector<float> silence(static_cast<std::size_t>(samples), 0.0F);
  return impl_->encode(silence, silence);
}

const std::string& AudioEncoder::codec_config() const { return impl_->config(); }

// AAC's bit reservoir evens out within a segment, so it hardly exceeds its target.
base::Bitrate AudioEncoder::peak(base::Bitrate target) { return target * 1.05; }

}  // namespace server
