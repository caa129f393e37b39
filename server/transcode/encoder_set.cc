#include "server/transcode/encoder_set.h"

#include <span>

#include "base/ensure.h"
#include "server/ingest/av_handles.h"

namespace server {
namespace {

constexpr base::Bitrate kAudioBitrate = base::Bitrate::bits_per_second(128'000);

SourceSize size_of(const AVFrame& picture) { return {shown_width(picture), picture.height}; }

EncodedTrack video_track(const PlannedRung& rung, FrameRate rate, const VideoEncoder& encoder) {
  return {.name = "video-" + std::to_string(rung.height) + "p",
          .format = {.kind = media::TrackKind::kVideo,
                     .timescale = SlotGeometry{rate}.video_timescale(),
                     .width = rung.width,
                     .height = rung.height,
                     .codec_config = encoder.codec_config(),
                     .average_bitrate = static_cast<std::uint32_t>(rung.bitrate.bps())},
          .target = rung.bitrate,
          .peak = VideoEncoder::peak(rung.bitrate)};
}

EncodedTrack audio_track(const AudioEncoder& encoder) {
  return {.name = "audio",
          .format = {.kind = media::TrackKind::kAudio,
                     .timescale = SlotGeometry::kSampleRate,
                     .sample_rate = SlotGeometry::kSampleRate,
                     .channels = 2,
                     .codec_config = encoder.codec_config(),
                     .average_bitrate = static_cast<std::uint32_t>(kAudioBitrate.bps())},
          .target = kAudioBitrate,
          .peak = AudioEncoder::peak(kAudioBitrate)};
}

}  // namespace

EncoderSet::EncoderSet(std::vector<LadderRung> ladder, FrameRate rate, const AVFrame& model, Tap tap)
    : tap_{std::move(tap)}, audio_{kAudioBitrate} {
  for (const PlannedRung& rung : plan_ladder(std::move(ladder), size_of(model))) {
    video_.push_back(std::make_unique<VideoEncoder>(rung, rate, model));
    tracks_.push_back(video_track(rung, rate, *video_.back()));
  }
  tracks_.push_back(audio_track(audio_));
  ready_.resize(tracks_.size());
}

void EncoderSet::start_at(std::int64_t aac_frame) {
  ready_.back().clear();
  audio_.start_at(aac_frame);
}

// Each rung scales what the one above it has made: less work than from the full picture.
void EncoderSet::encode(const Picture& picture, std::int64_t frame, bool key) {
  const Picture* from = &picture;
  for (std::size_t i = 0; i < video_.size(); ++i) {
    keep(i, video_[i]->encode(*from, frame, key));
    from = &video_[i]->scaled();
  }
}

void EncoderSet::encode(const AudioBlock& block, std::int64_t skip) {
  const auto from = static_cast<std::size_t>(skip);
  keep_audio(audio_.encode(std::span{block.left}.subspan(from), std::span{block.right}.subspan(from)));
}

void EncoderSet::encode_silence(std::int64_t samples) { keep_audio(audio_.encode_silence(samples)); }

void EncoderSet::keep(std::size_t track, EncodedSample sample) {
  if (tap_) tap_(track, sample);
  ready_[track].push_back(std::move(sample));
}

void EncoderSet::keep_audio(std::vector<EncodedSample> samples) {
  for (EncodedSample& sample : samples) keep(ready_.size() - 1, std::move(sample));
}

std::vector<EncodedSample> EncoderSet::take(std::size_t track, std::int64_t frame) {
  ENSURE(track < ready_.size());
  std::deque<EncodedSample>& ready = ready_[track];
  std::vector<EncodedSample> taken;
  while (!ready.empty() && ready.front().frame < frame) {
    taken.push_back(std::move(ready.front()));
    ready.pop_front();
  }
  return taken;
}

}  // namespace server
