#include "harness/replay/content_manifests.h"

#include <fmt/format.h>

#include <charconv>

#include "media/dash.h"
#include "media/hls.h"

namespace harness {
namespace {

constexpr std::string_view kAudioGroup = "aud";
constexpr std::int64_t kTimescale = 1'000'000;  // ticks per second of the MPD
// What a packager that knows no better asks of players: twice the longest segment (FFmpeg 5.1, libavformat/dashenc.c).
constexpr int kMinimumBufferSegments = 2;

const ContentTable::Track& track_of(const ContentTable& content, std::size_t track) {
  return track < content.video.size() ? content.video[track].track : content.audio;
}

// The number between `prefix` and `suffix`, when that is all there is.
std::optional<std::size_t> number_in(std::string_view text, std::string_view prefix, std::string_view suffix) {
  if (!text.starts_with(prefix) || !text.ends_with(suffix) || text.size() <= prefix.size() + suffix.size()) return std::nullopt;
  text = text.substr(prefix.size(), text.size() - prefix.size() - suffix.size());
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional{number} : std::nullopt;
}

std::optional<ContentFile> find_segment(const ContentTable& content, std::string_view name) {
  const std::size_t dash = name.find('-', 4);
  if (!name.starts_with("seg-") || dash == std::string_view::npos) return std::nullopt;
  const auto track = number_in(name.substr(0, dash), "seg-", "");
  const auto segment = number_in(name.substr(dash), "-", ".m4s");
  if (!track || !segment || *track > content.video.size() || *segment < 1 || *segment > content.segment_count()) return std::nullopt;
  return ContentFile{*track < content.video.size() ? RequestKind::kVideo : RequestKind::kAudio, *track, *segment};
}

media::HlsSegment hls_segment(const ContentTable& content, std::size_t track, std::size_t index, const std::string& folder) {
  return {.uri = folder + segment_name(track, index + 1),
          .duration = track_of(content, track).durations[index],
          .init = media::HlsInit{.uri = folder + init_name(track)}};
}

media::HlsMediaPlaylist playlist_of(const ContentTable& content) {
  return {.version = 7, .target_duration = content.segment_duration, .media_sequence = 1, .independent_segments = true};
}

media::HlsVariant variant_of(const ContentTable& content, std::size_t rung) {
  const ContentTable::Rung& from = content.video[rung];
  return {.uri = playlist_name(rung),
          .bandwidth = from.hls_bandwidth,
          .average_bandwidth = from.hls_average_bandwidth,
          .codecs = from.track.codecs + "," + content.audio.codecs,
          .width = from.width,
          .height = from.height,
          .frame_rate = 0,
          .audio_group = std::string{kAudioGroup}};
}

media::DashSegmentTemplate template_of(const ContentTable::Track& track) {
  media::DashSegmentTemplate segments{
      .initialization = "init-$RepresentationID$.mp4", .media = "seg-$RepresentationID$-$Number%05d$.m4s", .timescale = kTimescale};
  std::int64_t start = 0;
  for (const base::Duration duration : track.durations) {
    const std::int64_t ticks = std::chrono::round<std::chrono::microseconds>(duration).count();
    if (!segments.timeline.empty() && segments.timeline.back().duration == ticks)
      ++segments.timeline.back().repeat;
    else
      segments.timeline.push_back({.start = start, .duration = ticks});
    start += ticks;
  }
  return segments;
}

media::DashAdaptationSet video_set(const ContentTable& content) {
  media::DashAdaptationSet out{.id = "0", .content_type = "video", .mime_type = "video/mp4", .segment_alignment = true};
  for (std::size_t i = 0; i < content.video.size(); ++i) {
    const ContentTable::Rung& rung = content.video[i];
    out.representations.push_back({.id = std::to_string(i),
                                   .bandwidth = rung.track.declared,
                                   .codecs = rung.track.codecs,
                                   .width = rung.width,
                                   .height = rung.height,
                                   .segments = template_of(rung.track)});
  }
  return out;
}

media::DashAdaptationSet audio_set(const ContentTable& content) {
  media::DashAdaptationSet out{.id = "1", .content_type = "audio", .mime_type = "audio/mp4", .segment_alignment = true};
  out.representations.push_back({.id = std::to_string(content.video.size()),
                                 .bandwidth = content.audio.declared,
                                 .codecs = content.audio.codecs,
                                 .segments = template_of(content.audio)});
  return out;
}

}  // namespace

std::string init_name(std::size_t track) { return fmt::format("init-{}.mp4", track); }
std::string segment_name(std::size_t track, std::size_t number) { return fmt::format("seg-{}-{:05}.m4s", track, number); }
std::string playlist_name(std::size_t track) { return fmt::format("media_{}.m3u8", track); }

std::optional<ContentFile> find_file(const ContentTable& content, std::string_view name) {
  if (name == "master.m3u8" || name == "manifest.mpd") return ContentFile{};
  const auto playlist = number_in(name, "media_", ".m3u8");
  if (playlist && *playlist <= content.video.size()) return ContentFile{RequestKind::kPlaylist, *playlist};
  const auto init = number_in(name, "init-", ".mp4");
  if (init && *init <= content.video.size()) return ContentFile{RequestKind::kInit, *init};
  return find_segment(content, name);
}

std::string write_multivariant(const ContentTable& content) {
  media::HlsMultivariantPlaylist playlist{.version = 7, .independent_segments = true};
  playlist.renditions.push_back({.type = "AUDIO",
                                 .group = std::string{kAudioGroup},
                                 .name = "main",
                                 .uri = playlist_name(content.video.size()),
                                 .channels = 2,
                                 .is_default = true,
                                 .autoselect = true});
  for (const std::size_t rung : content.hls_order) playlist.variants.push_back(variant_of(content, rung));
  return media::write_hls(playlist);
}

std::string write_vod_playlist(const ContentTable& content, std::size_t track) {
  media::HlsMediaPlaylist playlist = playlist_of(content);
  playlist.ended = true;
  playlist.playlist_type = "VOD";
  for (std::size_t i = 0; i < content.segment_count(); ++i) playlist.segments.push_back(hls_segment(content, track, i, ""));
  return media::write_hls(playlist);
}

std::string write_live_playlist(const ContentTable& content, std::size_t track, ListedSegments listed, base::UtcTime zero) {
  media::HlsMediaPlaylist playlist = playlist_of(content);
  playlist.media_sequence = static_cast<std::int64_t>(listed.first) + 1;
  for (std::size_t i = listed.first; i < listed.end; ++i) {
    playlist.segments.push_back(hls_segment(content, track, i, "/"));
    playlist.segments.back().program_date_time = zero + static_cast<std::int64_t>(i) * content.segment_duration;
  }
  return media::write_hls(playlist);
}

std::string write_manifest(const ContentTable& content) {
  base::Duration length{}, longest{};
  for (const base::Duration each : content.video.front().track.durations) {
    length += each;
    longest = std::max(longest, each);
  }
  media::DashManifest manifest{
      .profiles = "urn:mpeg:dash:profile:isoff-live:2011", .duration = length, .min_buffer_time = kMinimumBufferSegments * longest};
  manifest.periods.push_back({.id = "0", .adaptation_sets = {video_set(content), audio_set(content)}});
  return media::write_mpd(manifest);
}

}  // namespace harness
