#include "generators/feed/clip.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ensure.h"
#include "base/errors.h"

namespace generators {
namespace {

constexpr base::Duration kOverlap = std::chrono::milliseconds{1};  // rounding of timestamps, not heard

void check(const std::string& file, const char* attempt, int result) {
  if (result < 0) throw base::RunFailed(fmt::format("{}: cannot {}: {}", file, attempt, av_error_text(result)));
}

// What a decoder makes of one AAC frame. A file may state less for the last one, whose end is only padding; a receiver cannot know.
base::Duration frame_length(const AVCodecParameters& audio) {
  constexpr int kUsual = 1024;
  const int samples = audio.frame_size > 0 ? audio.frame_size : kUsual;
  return base::Duration{av_rescale(samples, kNanoseconds.den, std::max(1, audio.sample_rate))};
}

}  // namespace

Clip::Clip(std::string file) : file_{std::move(file)}, packet_{av_packet_alloc()} {
  AVFormatContext* input = nullptr;
  check(file_, "open the feed's file", avformat_open_input(&input, ("file:" + file_).c_str(), nullptr, nullptr));
  input_.reset(input);
  check(file_, "read the feed's file", avformat_find_stream_info(input, nullptr));
  find_tracks();
  open_filter();
  audio_frame_ = frame_length(audio());
  start_ = time_of(std::max<std::int64_t>(0, input_->streams[video_]->start_time), video_);
  const std::int64_t ticks = input_->streams[video_]->duration;
  length_ = ticks > 0 ? time_of(ticks, video_) : base::Duration{std::max<std::int64_t>(0, input_->duration) * 1000};
  if (length_ <= base::Duration::zero()) throw base::RunFailed(file_ + ": the video track has no length, so it cannot be repeated");
}

void Clip::find_tracks() {
  for (int i = 0; i < static_cast<int>(input_->nb_streams); ++i) {
    const AVCodecID codec = input_->streams[i]->codecpar->codec_id;
    if (codec == AV_CODEC_ID_H264 && video_ < 0)
      video_ = i;
    else if (codec == AV_CODEC_ID_AAC && audio_ < 0)
      audio_ = i;
    else
      input_->streams[i]->discard = AVDISCARD_ALL;
  }
  if (video_ < 0 || audio_ < 0)
    throw base::RunFailed(fmt::format("{}: has no {} track; a feed needs H.264 video and AAC sound", file_, video_ < 0 ? "H.264" : "AAC"));
}

AVRational Clip::frame_rate() const {
  const AVRational rate = input_->streams[video_]->avg_frame_rate;
  return rate.num > 0 && rate.den > 0 ? rate : AVRational{25, 1};
}

void Clip::open_filter() {
  AVBSFContext* filter = nullptr;
  check(file_, "find FFmpeg's h264_mp4toannexb filter", av_bsf_alloc(av_bsf_get_by_name("h264_mp4toannexb"), &filter));
  filter_.reset(filter);
  check(file_, "read the video track's parameters", avcodec_parameters_copy(filter->par_in, input_->streams[video_]->codecpar));
  filter->time_base_in = input_->streams[video_]->time_base;
  check(file_, "read the video track's parameters", av_bsf_init(filter));
}

base::Duration Clip::time_of(std::int64_t ticks, int stream) const {
  return base::Duration{av_rescale_q(ticks, input_->streams[stream]->time_base, kNanoseconds)};
}

void Clip::seek(base::Duration position) {
  ENSURE(position >= base::Duration::zero());
  round_ = position / length_;
  const base::Duration within = position % length_ + start_;
  const std::int64_t ticks = av_rescale_q(within.count(), kNanoseconds, input_->streams[video_]->time_base);
  check(file_, "seek", av_seek_frame(input_.get(), video_, ticks, AVSEEK_FLAG_BACKWARD));
  av_bsf_flush(filter_.get());
  key_frame_from_ = position;
  last_video_ = base::Duration{-1};
  audio_end_ = position;
}

void Clip::rewind() {
  ++round_;
  check(file_, "go back to the beginning", av_seek_frame(input_.get(), video_, input_->streams[video_]->start_time, AVSEEK_FLAG_BACKWARD));
  av_bsf_flush(filter_.get());
}

Unit Clip::next() {
  constexpr int kRounds = 3;  // more without a single unit: the file has changed
  for (int round = 0; round < kRounds; ++round) {
    if (std::optional<Unit> unit = read_unit()) return std::move(*unit);
    rewind();
  }
  throw base::RunFailed(file_ + ": no key frame can be read from it");
}

std::optional<Unit> Clip::read_unit() {
  while (av_read_frame(input_.get(), packet_.get()) >= 0) {
    const int stream = packet_->stream_index;
    const base::Duration from = round_ * length_ - start_;
    if ((stream == video_ || stream == audio_) && packet_->dts != AV_NOPTS_VALUE && packet_->pts != AV_NOPTS_VALUE) {
      Unit unit{.is_video = stream == video_,
                .is_key = (packet_->flags & AV_PKT_FLAG_KEY) != 0,
                .dts = from + time_of(packet_->dts, stream),
                .pts = from + time_of(packet_->pts, stream),
                .bytes = {}};
      if (is_wanted(unit)) {
        if (unit.is_video) to_annex_b();
        if (unit.is_video && unit.is_key) reorder_delay_ = unit.pts - unit.dts;
        unit.bytes.assign(packet_->data, packet_->data + packet_->size);
        av_packet_unref(packet_.get());
        return unit;
      }
    }
    av_packet_unref(packet_.get());
  }
  return std::nullopt;
}

// The rules at the seams: nothing before the key frame, nothing twice, no sound from before or after its own round.
bool Clip::is_wanted(const Unit& unit) {
  if (key_frame_from_ && !(unit.is_video && unit.is_key && unit.pts >= *key_frame_from_)) return false;
  if (unit.is_video) {
    if (unit.dts <= last_video_ && !key_frame_from_) return false;
    if (key_frame_from_) audio_end_ = unit.pts;
    key_frame_from_.reset();
    last_video_ = unit.dts;
    return true;
  }
  const base::Duration round_begin = round_ * length_;
  if (unit.pts < std::max(audio_end_ - kOverlap, round_begin) || unit.pts + audio_frame_ > round_begin + length_ + kOverlap) return false;
  audio_end_ = unit.pts + audio_frame_;
  return true;
}

void Clip::to_annex_b() {
  check(file_, "convert a picture", av_bsf_send_packet(filter_.get(), packet_.get()));
  check(file_, "convert a picture", av_bsf_receive_packet(filter_.get(), packet_.get()));
}

}  // namespace generators
