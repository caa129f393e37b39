#include "server/library/packager.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>
#include <utility>

#include "base/ensure.h"
#include "base/errors.h"
#include "base/steady_timeline.h"
#include "media/mp4.h"
#include "server/ingest/av_handles.h"

namespace server {
namespace {

// Capture times jitter with the feed's pacing; program date times move only for a real change.
constexpr base::Duration kCaptureTolerance = std::chrono::milliseconds{40};
constexpr std::size_t kEarlyBlocks = 64;

SlotGrid::Options grid_options(const Packager::Options& options, SlotGeometry geometry) {
  return {.geometry = geometry, .loss_after = options.pace == Packager::Pace::kAtOnce ? Packager::kNever : options.loss_after};
}

TrackInfo info_of(const EncodedTrack& track, FrameRate rate) {
  const bool video = track.format.kind == media::TrackKind::kVideo;
  const base::Result<std::string> codec =
      video ? media::avc_codec_string(track.format.codec_config) : media::aac_codec_string(track.format.codec_config);
  if (codec.has_error()) throw base::RunFailed(fmt::format("describe track {}: {}", track.name, codec.error().message));
  return {.name = track.name,
          .kind = track.format.kind,
          .codec = *codec,
          .bandwidth = track.peak,
          .average_bandwidth = track.target,
          .width = track.format.width,
          .height = track.format.height,
          .frame_rate = video ? rate.per_second() : 0,
          .sample_rate = track.format.sample_rate,
          .channels = track.format.channels,
          .timescale = track.format.timescale,
          .init = std::make_shared<const std::string>(media::write_mp4_init(track.format))};
}

std::vector<TrackInfo> infos_of(const EncoderSet& encoders, FrameRate rate) {
  std::vector<TrackInfo> infos;
  for (const EncodedTrack& track : encoders.tracks()) infos.push_back(info_of(track, rate));
  return infos;
}

Bytes fragment(std::int64_t number, std::int64_t start, std::uint32_t units, const std::vector<EncodedSample>& samples) {
  std::vector<media::Mp4Sample> out;
  out.reserve(samples.size());
  for (const EncodedSample& sample : samples)
    out.push_back({.bytes = sample.bytes, .duration = units, .composition = 0, .sync = sample.key});
  return std::make_shared<const std::string>(
      media::write_mp4_fragment(static_cast<std::uint32_t>(number + 1), static_cast<std::uint64_t>(start), out));
}

}  // namespace

Packager::Packager(Options options, const VideoFrame& first, StreamMetrics& metrics)
    : options_{std::move(options)},
      metrics_{metrics},
      geometry_{snap_frame_rate(first.frames_per_second)},
      grid_{grid_options(options_, geometry_)},
      encoders_{options_.ladder, geometry_.rate(), *first.picture,
                options_.packets ? [this](std::size_t track, const EncodedSample& sample) { tell(track, sample); } : EncoderSet::Tap{}},
      packets_{encoders_.tracks(), geometry_} {
  Presentation::Options shown{.name = options_.name, .live = options_.pace == Pace::kLive, .availability_start = options_.start};
  presentation_ = std::make_shared<Presentation>(shown, infos_of(encoders_, geometry_.rate()));
}

void Packager::video(base::Duration now, base::Duration at, const VideoFrame& frame) {
  given_ = frame.picture;
  const GridActions actions = grid_.video(now, at);
  note_capture(now, at, frame);
  apply(actions, nullptr);
  const bool begins = std::ranges::any_of(actions, [](const GridAction& a) { return std::holds_alternative<StartRun>(a); });
  if (!begins) return;
  for (const EarlyAudio& early : std::exchange(early_audio_, {})) audio(early.at, early.block);
}

void Packager::audio(base::Duration at, const AudioBlock& block) {
  if (!grid_.is_running()) {
    early_audio_.push_back({at, block});
    if (early_audio_.size() > kEarlyBlocks) early_audio_.pop_front();
  }
  apply(grid_.audio(at, static_cast<std::int64_t>(block.left.size())), &block);
}

void Packager::tick(base::Duration now) { apply(grid_.tick(now), nullptr); }

void Packager::finish() {
  finishing_ = true;
  apply(grid_.finish(), nullptr);
  presentation_->end();
}

void Packager::apply(const GridActions& actions, const AudioBlock* block) {
  if (actions.empty()) return count_frames();
  const base::Instant begin = base::steady_now();
  for (const GridAction& action : actions) {
    if (options_.stopping != nullptr && *options_.stopping) return;
    std::visit(
        [&](const auto& a) {
          using Action = std::decay_t<decltype(a)>;
          if constexpr (std::is_same_v<Action, EncodeAudio>) {
            ENSURE(block != nullptr);
            encoders_.encode(*block, a.skip);
          } else if constexpr (std::is_same_v<Action, EncodeSilence>) {
            encoders_.encode_silence(a.samples);
          } else {
            act(a);
          }
        },
        action);
  }
  metrics_.encode_seconds->Increment(base::to_seconds(base::steady_now() - begin));
  count_frames();
}

void Packager::act(const StartRun& start) { encoders_.start_at(geometry_.first_aac_frame(start.slot)); }

void Packager::act(const EncodeVideo& encode) {
  if (!encode.held) last_ = given_;
  ENSURE(last_ != nullptr);
  encoders_.encode(last_, encode.frame, encode.key);
  metrics_.frames_encoded->Increment();
}

void Packager::act(const CompleteSlot& complete) {
  std::vector<Segment> segments;
  for (std::size_t track = 0; track < encoders_.tracks().size(); ++track) segments.push_back(full_segment(track, complete.slot));
  presentation_->publish(std::move(segments));
  metrics_.segments->Increment();
  ++segments_;
}

void Packager::act(const GapSlot& gap) {
  std::vector<Segment> segments;
  for (std::size_t track = 0; track < encoders_.tracks().size(); ++track) segments.push_back(segment_frame(track, gap.slot));
  presentation_->publish(std::move(segments));
  metrics_.gaps->Increment();
  ++segments_;
}

// Number, place on the timeline and wall time; no bytes.
Segment Packager::segment_frame(std::size_t track, std::int64_t slot) const {
  const bool video = encoders_.tracks()[track].format.kind == media::TrackKind::kVideo;
  const std::int64_t begin = video ? geometry_.first_frame(slot) : geometry_.first_aac_frame(slot);
  const std::int64_t end = video ? geometry_.first_frame(slot + 1) : geometry_.first_aac_frame(slot + 1);
  const std::int64_t units = video ? geometry_.video_units_per_frame() : SlotGeometry::kAacFrame;
  const base::Duration at = base::from_seconds(static_cast<double>(begin * units) / encoders_.tracks()[track].format.timescale);
  return {.number = slot,
          .start = begin * units,
          .duration = (end - begin) * units,
          .wall = std::chrono::round<std::chrono::milliseconds>(options_.start + at + capture_offset_),
          .bytes = nullptr};
}

Segment Packager::full_segment(std::size_t track, std::int64_t slot) {
  const bool video = encoders_.tracks()[track].format.kind == media::TrackKind::kVideo;
  const std::int64_t units = video ? geometry_.video_units_per_frame() : SlotGeometry::kAacFrame;
  Segment segment = segment_frame(track, slot);
  const std::vector<EncodedSample> samples =
      encoders_.take(track, video ? geometry_.first_frame(slot + 1) : geometry_.first_aac_frame(slot + 1));
  const std::int64_t length = static_cast<std::int64_t>(samples.size()) * units;
  // The last slot of a file ends where the file ends.
  const bool whole = finishing_ ? length > 0 && length <= segment.duration : length == segment.duration;
  if (!whole || samples.front().frame * units != segment.start || (video && !samples.front().key)) {
    throw base::RunFailed(fmt::format("package segment {} of '{}': the {} encoder let out {} of {} frames", slot, options_.name,
                                      encoders_.tracks()[track].name, samples.size(), segment.duration / units));
  }
  segment.duration = length;
  segment.bytes = fragment(slot, segment.start, static_cast<std::uint32_t>(units), samples);
  return segment;
}

void Packager::tell(std::size_t track, const EncodedSample& sample) const {
  if (const auto packet = packets_.packet_of(track, sample)) options_.packets(*packet);
}

void Packager::note_capture(base::Duration now, base::Duration at, const VideoFrame& frame) {
  if (!frame.captured || options_.pace != Pace::kLive) return;
  metrics_.contribution_latency->Set(base::to_seconds(options_.start + now - *frame.captured));
  const base::Duration offset = *frame.captured - (options_.start + at);
  if (std::chrono::abs(offset - capture_offset_) > kCaptureTolerance) capture_offset_ = offset;
}

void Packager::count_frames() {
  const auto held = static_cast<double>(grid_.held());
  if (held > counted_.held) metrics_.frames_held->Increment(held - std::exchange(counted_.held, held));
  const auto dropped = static_cast<double>(grid_.dropped());
  if (dropped > counted_.dropped) metrics_.frames_dropped->Increment(dropped - std::exchange(counted_.dropped, dropped));
}

}  // namespace server
