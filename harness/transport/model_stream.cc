#include "harness/transport/model_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/ensure.h"
#include "base/random.h"
#include "media/dash.h"
#include "media/hls.h"
#include "media/text_fields.h"

namespace harness {
namespace {

using namespace base::literals;

constexpr std::int64_t kReadyAfter = 3;  // segments
constexpr std::int64_t kHoldBack = 3;    // segment durations
// What the reference server declares of a live stream beside the rung's rate (server/transcode); a title's is its largest segment's.
constexpr double kVideoPeak = 1.25;
constexpr double kAudioPeak = 1.05;
constexpr std::int64_t kVideoTimescale = 90'000;
constexpr std::int64_t kAudioTimescale = 48'000;

const media::HlsInit kInit{.uri = "init.mp4", .range = {}};

std::string codec_of(int height) {
  if (height == 0) return "mp4a.40.2";
  if (height > 1080) return "avc1.640033";
  if (height > 720) return "avc1.640028";
  return height > 480 ? "avc1.64001f" : height > 240 ? "avc1.64001e" : "avc1.640015";
}

// `audio`: null where the segments carry it.
media::HlsVariant variant_of(const ModelStream::Track& video, const ModelStream::Track* audio) {
  return {.uri = video.name + "/playlist.m3u8",
          .bandwidth = audio != nullptr ? video.peak + audio->peak : video.peak,
          .average_bandwidth = audio != nullptr ? video.average + audio->average : video.average,
          .codecs = codec_of(video.height) + "," + codec_of(0),
          .width = video.width,
          .height = video.height,
          .frame_rate = 30,
          .audio_group = audio != nullptr ? "audio" : ""};
}

std::string write_multivariant(const std::vector<ModelStream::Track>& tracks) {
  media::HlsMultivariantPlaylist playlist;
  playlist.independent_segments = true;
  const ModelStream::Track* audio = tracks.back().height == 0 ? &tracks.back() : nullptr;
  if (audio != nullptr)
    playlist.renditions.push_back({.type = "AUDIO",
                                   .group = "audio",
                                   .name = "Main",
                                   .language = "",
                                   .uri = audio->name + "/playlist.m3u8",
                                   .channels = 2,
                                   .is_default = true,
                                   .autoselect = true});
  for (const ModelStream::Track& track : tracks)
    if (track.height > 0) playlist.variants.push_back(variant_of(track, audio));
  return media::write_hls(playlist);
}

media::DashRepresentation representation_of(const ModelStream::Track& track, std::vector<media::DashTimelineEntry> timeline) {
  media::DashRepresentation representation;
  representation.id = track.name;
  representation.bandwidth = track.peak;
  representation.codecs = codec_of(track.height);
  representation.width = track.width;
  representation.height = track.height;
  if (track.height > 0) representation.frame_rate = "30";
  if (track.height == 0) representation.audio_sampling_rate = static_cast<int>(track.timescale);
  representation.segments.initialization = "$RepresentationID$/init.mp4";
  representation.segments.media = "$RepresentationID$/t$Time$.m4s";
  representation.segments.timescale = track.timescale;
  representation.segments.timeline = std::move(timeline);
  return representation;
}

std::int64_t units_of(const ModelStream::Track& track, base::Duration duration) {
  return std::chrono::round<std::chrono::milliseconds>(duration).count() * track.timescale / 1000;
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

}  // namespace

ModelStream::ModelStream(ReferenceModel::Options options) : options_{std::move(options)} {
  if (options_.ladder.empty()) options_.ladder = {{1280, 720, 2500_kbps}, {854, 480, 1100_kbps}, {426, 240, 300_kbps}};
  ENSURE(options_.segment_duration > base::Duration{} && options_.vod_duration > base::Duration{} && options_.listed_segments > 0);
  const base::Bitrate carried = options_.audio_muxed ? options_.audio : base::Bitrate{};
  for (const ReferenceModel::Rung& rung : options_.ladder)
    tracks_.push_back({.name = free_name(fmt::format("video-{}p", rung.height)),
                       .average = rung.bandwidth + carried,
                       .peak = rung.bandwidth * kVideoPeak + carried * kAudioPeak,
                       .timescale = kVideoTimescale,
                       .width = rung.width,
                       .height = rung.height,
                       .audio = carried});
  if (!options_.audio_muxed)
    tracks_.push_back({.name = "audio", .average = options_.audio, .peak = options_.audio * kAudioPeak, .timescale = kAudioTimescale});
  if (!options_.live)
    for (Track& track : tracks_) track.peak = largest_rate(track);
  multivariant_ = write_multivariant(tracks_);
}

std::string ModelStream::free_name(const std::string& wanted) const {
  std::string name = wanted;
  for (int n = 2; find_track(name) != nullptr; ++n) name = fmt::format("{}-{}", wanted, n);
  return name;
}

std::int64_t ModelStream::next_whole_slot(base::Instant t) const {
  const std::int64_t slot = std::max<std::int64_t>(0, slot_at(t));
  return start_of(slot) == t ? slot : slot + 1;
}

// What is lost before the slot at which it would have begun again has not begun.
bool ModelStream::resumes_in_vain(base::Instant lost) {
  if (!resumption_ || lost >= start_of(resumption_->slot)) return false;
  lines_.forget();
  if (resumption_->since < resumption_->slot) gaps_.pop_back();
  dead_from_ = resumption_->since;
  return true;
}

void ModelStream::halt(base::Instant since, ReferenceModel::HaltEnd end) {
  if (dead_from_ || resumes_in_vain(since)) return;
  halt_.reset();
  halt_ = {.end = end_of_listed(since), .until = end};
}

// The slot in which the feed dies is completed with its last picture, at once, unless nothing of it was fed; the one in which it returns is
// lost.
void ModelStream::lose(base::Instant since, base::Instant now) {
  if (dead_from_ || resumes_in_vain(since)) return;
  halt_.reset();
  resumption_.reset();
  lines_.forget();
  dead_from_ = completed_ = next_whole_slot(since);
  completed_at_ = now;
}

void ModelStream::resume(base::Instant now) {
  halt_.reset();
  if (!dead_from_) return;
  lines_.forget();
  const bool in_time = resumption_ && now < start_of(resumption_->slot + 1) && now <= start_of(resumption_->slot) + options_.loss_after;
  resumption_ = {.slot = in_time ? resumption_->slot : next_whole_slot(now), .since = *dead_from_};
  if (*dead_from_ < resumption_->slot) gaps_.push_back({.first = *dead_from_, .end = resumption_->slot});
  dead_from_.reset();
}

base::Instant ModelStream::listed_from(std::int64_t number) const {
  const base::Instant passed = start_of(number + 1);
  if (number < completed_) return std::min(passed, completed_at_);
  if (!halt_ || number < halt_->end) return passed;
  const bool is_completed = halt_->until.is_loss && number == halt_->end;  // the one that was begun
  return is_completed ? halt_->until.at : std::max(passed, halt_->until.at);
}

bool ModelStream::is_gap(std::int64_t slot) const {
  if (dead_from_ && slot >= *dead_from_) return true;
  return std::any_of(gaps_.begin(), gaps_.end(), [slot](const Slots& gap) { return slot >= gap.first && slot < gap.end; });
}

std::int64_t ModelStream::end_of_listed(base::Instant now) const {
  if (!options_.live) return (options_.vod_duration + options_.segment_duration - base::Duration{1}) / options_.segment_duration;
  const std::int64_t end = std::max(completed_, now < options_.wall.at ? 0 : slot_at(now));
  return halt_ ? std::min(end, halt_->end) : end;
}

ModelStream::Slots ModelStream::listed(base::Instant now) const {
  const std::int64_t end = end_of_listed(now);
  if (!options_.live) return {.first = 0, .end = end};
  return {.first = std::max<std::int64_t>(0, end - static_cast<std::int64_t>(options_.listed_segments)), .end = end};
}

// As many again as are listed stay fetchable, and through an outage the last one with media.
bool ModelStream::is_fetchable(base::Instant now, std::int64_t slot) const {
  const Slots window = listed(now);
  if (slot < 0 || slot >= window.end || is_gap(slot)) return false;
  return slot >= window.first - static_cast<std::int64_t>(options_.listed_segments) || slot == slots_with_media(window).back();
}

bool ModelStream::is_ready(base::Instant now) const { return !options_.live || end_of_listed(now) >= kReadyAfter; }

const ModelStream::Track* ModelStream::find_track(std::string_view name) const {
  const auto found = std::find_if(tracks_.begin(), tracks_.end(), [name](const Track& track) { return track.name == name; });
  return found == tracks_.end() ? nullptr : &*found;
}

base::Duration ModelStream::duration_of(std::int64_t slot) const {
  if (options_.live) return options_.segment_duration;
  return std::min(options_.segment_duration, options_.vod_duration - slot * options_.segment_duration);
}

std::optional<base::ByteCount> ModelStream::segment_size(base::Instant now, const Track& track, std::int64_t number) const {
  return is_fetchable(now, number) ? std::optional{size_of(track, number)} : std::nullopt;
}

base::ByteCount ModelStream::size_of(const Track& track, std::int64_t number) const {
  const auto track_index = static_cast<std::uint64_t>(&track - tracks_.data());
  base::Random random = base::Random::stream(options_.seed, track_index << 48 | static_cast<std::uint64_t>(number));
  const double first = random.uniform(0, 1), second = random.uniform(0, 1);
  const auto audio_share = [](double drawn) { return ReferenceModel::kAudioMean + ReferenceModel::kAudioSpread * (2 * drawn - 1); };
  const double share = track.height > 0 ? ReferenceModel::kVideoMean + ReferenceModel::kVideoSpread * (first - second) : audio_share(first);
  base::ByteCount size = base::Bitrate::bits_per_second(track.average.bps() - track.audio.bps()) * share * duration_of(number);
  if (track.audio > base::Bitrate{}) size += track.audio * audio_share(random.uniform(0, 1)) * duration_of(number);
  return size;
}

// A short last segment says nothing about it.
base::Bitrate ModelStream::largest_rate(const Track& track) const {
  base::Bitrate largest;
  for (std::int64_t slot = 0; slot < end_of_listed({}); ++slot)
    largest = std::max(largest, base::Bitrate::of(size_of(track, slot), options_.segment_duration));
  return largest;
}

std::int64_t ModelStream::units_per_slot(const Track& track) const { return units_of(track, options_.segment_duration); }

std::optional<std::int64_t> ModelStream::number_of(const Track& track, std::string_view file) const {
  if (!file.ends_with(".m4s")) return std::nullopt;
  file.remove_suffix(4);
  if (!file.starts_with('t')) return whole_number(file);
  const auto time = whole_number(file.substr(1));
  if (!time || *time % units_per_slot(track) != 0) return std::nullopt;
  return *time / units_per_slot(track);
}

media::HlsMediaPlaylist ModelStream::playlist_head(const Slots& window) const {
  media::HlsMediaPlaylist playlist;
  playlist.target_duration = std::chrono::ceil<std::chrono::seconds>(options_.segment_duration);
  playlist.media_sequence = window.first;
  playlist.independent_segments = true;
  playlist.ended = !options_.live;
  if (options_.live) playlist.hold_back = kHoldBack * playlist.target_duration;
  playlist.can_block_reload = options_.live && options_.blocking_reload;
  if (!options_.live) playlist.playlist_type = "VOD";
  return playlist;
}

media::HlsSegment ModelStream::segment_at(std::int64_t slot) const {
  return {.uri = fmt::format("{}.m4s", slot),
          .duration = duration_of(slot),
          .range = {},
          .program_date_time = options_.wall.utc_at(start_of(slot)),
          .init = kInit,
          .discontinuity = false,
          .gap = is_gap(slot)};
}

std::string ModelStream::media_playlist(base::Instant now) const {
  const Slots window = listed(now);
  media::HlsMediaPlaylist playlist = playlist_head(window);
  for (std::int64_t slot = window.first; slot < window.end; ++slot) playlist.segments.push_back(segment_at(slot));
  return media::write_hls(playlist);
}

std::string ModelStream::next_media_playlist(base::Instant now) {
  const Slots window = listed(now);
  if (!options_.live || window.first == window.end) return media_playlist(now);
  if (head_[0].empty()) write_head();
  char digits[24];  // more than any number has
  const std::string_view number{digits, std::to_chars(digits, digits + sizeof digits, window.first).ptr};
  const std::string& lines = lines_.of(window.first, window.end, [this](std::int64_t slot) { return media::write_hls(segment_at(slot)); });
  std::string text;
  text.reserve(head_[0].size() + number.size() + head_[1].size() + lines.size());
  text.append(head_[0]).append(number).append(head_[1]).append(lines);
  return text;
}

void ModelStream::write_head() {
  constexpr std::string_view kTag = "#EXT-X-MEDIA-SEQUENCE:", kNumber = "0";
  const std::string text = media::write_hls_head(playlist_head({})) + media::write_hls(kInit);
  const std::size_t at = text.find(kTag) + kTag.size();
  ENSURE(std::string_view{text}.substr(at).starts_with(kNumber));
  head_ = {text.substr(0, at), text.substr(at + kNumber.size())};
}

// Gaps are left out, which leaves holes; where only gaps are listed the last segment with media stands for them.
std::vector<std::int64_t> ModelStream::slots_with_media(const Slots& window) const {
  std::vector<std::int64_t> slots;
  for (std::int64_t slot = window.first; slot < window.end; ++slot)
    if (!is_gap(slot)) slots.push_back(slot);
  for (std::int64_t slot = window.first - 1; slots.empty() && slot >= 0; --slot)
    if (!is_gap(slot)) slots.push_back(slot);
  return slots;
}

std::vector<media::DashTimelineEntry> ModelStream::timeline_of(const Track& track, const std::vector<std::int64_t>& slots) const {
  std::vector<media::DashTimelineEntry> timeline;
  for (const std::int64_t slot : slots) {
    const std::int64_t start = slot * units_per_slot(track);
    const std::int64_t length = units_of(track, duration_of(slot));
    const bool follows =
        !timeline.empty() && timeline.back().duration == length && timeline.back().start + (timeline.back().repeat + 1) * length == start;
    if (follows) {
      ++timeline.back().repeat;
    } else {
      timeline.push_back({.start = start, .duration = length, .repeat = 0});
    }
  }
  return timeline;
}

media::DashAdaptationSet ModelStream::adaptation_set(Kind kind, const std::vector<std::int64_t>& slots) const {
  const bool video = kind == Kind::kVideo;
  media::DashAdaptationSet set;
  set.id = video ? "1" : "2";
  set.content_type = video ? "video" : "audio";
  set.mime_type = video ? "video/mp4" : "audio/mp4";
  set.segment_alignment = true;
  for (const Track& track : tracks_)
    if ((track.height > 0) == video) set.representations.push_back(representation_of(track, timeline_of(track, slots)));
  return set;
}

void ModelStream::describe_live_edge(base::Instant now, media::DashManifest& manifest) const {
  const Slots window = listed(now);
  manifest.availability_start = options_.wall.utc;
  manifest.publish_time = options_.wall.utc_at(start_of(window.end));
  manifest.minimum_update_period = options_.segment_duration;
  manifest.time_shift_buffer_depth = (window.end - window.first) * options_.segment_duration;
  manifest.suggested_presentation_delay = kHoldBack * options_.segment_duration;
  manifest.utc_timings.push_back({.scheme = "urn:mpeg:dash:utc:http-iso:2014", .value = options_.media_url + "/time"});
}

std::string ModelStream::manifest(base::Instant now) const {
  const std::vector<std::int64_t> slots = slots_with_media(listed(now));
  media::DashManifest manifest;
  manifest.dynamic = options_.live;
  manifest.profiles = "urn:mpeg:dash:profile:isoff-live:2011";
  manifest.min_buffer_time = options_.segment_duration;
  if (options_.live) describe_live_edge(now, manifest);
  if (!options_.live) manifest.duration = options_.vod_duration;
  media::DashPeriod period;
  period.id = "0";
  period.adaptation_sets.push_back(adaptation_set(Kind::kVideo, slots));
  if (!options_.audio_muxed) period.adaptation_sets.push_back(adaptation_set(Kind::kAudio, slots));
  manifest.periods.push_back(std::move(period));
  return media::write_mpd(manifest);
}

// Its shape is how many segments are listed, and where among them those with media begin and end.
std::string ModelStream::next_manifest(base::Instant now) {
  const Slots window = listed(now);
  const std::vector<std::int64_t> slots = slots_with_media(window);
  if (!options_.live || slots.empty()) return manifest(now);
  std::vector<std::int64_t> shape{window.end - window.first}, starts;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (i > 0 && slots[i] == slots[i - 1] + 1) continue;
    if (i > 0) shape.insert(shape.end(), {slots[i - 1] - slots.front(), slots[i] - slots.front()});
    starts.push_back(slots[i]);
  }
  shape.push_back(slots.back() - slots.front());
  KeptManifest::Instant said{.published = media::to_utc_text(options_.wall.utc_at(start_of(window.end))), .times = {}};
  const auto begin = [&](const Track& track) {
    for (const std::int64_t slot : starts) said.times.push_back(slot * units_per_slot(track));
  };
  begin(tracks_.front());
  if (!options_.audio_muxed) begin(tracks_.back());
  if (manifest_.has(shape)) return manifest_.text(said);
  std::string text = manifest(now);
  manifest_.keep(std::move(shape), text, said);
  return text;
}

}  // namespace harness
