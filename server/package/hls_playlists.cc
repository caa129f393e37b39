#include <chrono>
#include <string>

#include "media/hls.h"
#include "server/package/declared_rate.h"
#include "server/package/presentation.h"

namespace server {
namespace {

constexpr const char* kAudioGroup = "audio";

std::string playlist_uri(const TrackInfo& track) { return track.name + "/playlist.m3u8"; }

const TrackSnapshot* audio_of(const Snapshot& stream) {
  for (const TrackSnapshot& track : stream.tracks) {
    if (track.info.kind == media::TrackKind::kAudio) return &track;
  }
  return nullptr;
}

media::HlsVariant variant_of(const Snapshot& stream, const TrackSnapshot& video, const TrackSnapshot* audio) {
  DeclaredRate rate = declared_rate(stream, video);
  std::string codecs = video.info.codec;
  if (audio != nullptr) {
    const DeclaredRate sound = declared_rate(stream, *audio);
    rate = {rate.peak + sound.peak, rate.average + sound.average};
    codecs += "," + audio->info.codec;
  }
  return {.uri = playlist_uri(video.info),
          .bandwidth = rate.peak,
          .average_bandwidth = rate.average,
          .codecs = codecs,
          .width = video.info.width,
          .height = video.info.height,
          .frame_rate = video.info.frame_rate,
          .audio_group = audio == nullptr ? "" : kAudioGroup};
}

media::HlsSegment entry_of(const Segment& segment, const TrackInfo& track) {
  return {.uri = std::to_string(segment.number) + ".m4s",
          .duration = base::from_seconds(static_cast<double>(segment.duration) / track.timescale),
          .range = {},
          .program_date_time = segment.wall,
          .init = media::HlsInit{.uri = "init.mp4", .range = {}},
          .discontinuity = false,
          .gap = segment.bytes == nullptr};
}

}  // namespace

std::string hls_multivariant(const Snapshot& stream) {
  media::HlsMultivariantPlaylist playlist;
  playlist.independent_segments = true;
  const TrackSnapshot* audio = audio_of(stream);
  if (audio != nullptr) {
    playlist.renditions.push_back({.type = "AUDIO",
                                   .group = kAudioGroup,
                                   .name = "Main",
                                   .language = "",
                                   .uri = playlist_uri(audio->info),
                                   .channels = audio->info.channels,
                                   .is_default = true,
                                   .autoselect = true});
  }
  for (const TrackSnapshot& track : stream.tracks) {
    if (track.info.kind == media::TrackKind::kVideo) playlist.variants.push_back(variant_of(stream, track, audio));
  }
  return media::write_hls(playlist);
}

std::string hls_media_playlist(const Snapshot& stream, const TrackSnapshot& track) {
  media::HlsMediaPlaylist playlist;
  playlist.target_duration = std::chrono::ceil<std::chrono::seconds>(stream.segment_duration);
  playlist.media_sequence = track.listed.empty() ? 0 : track.listed.front().number;
  playlist.independent_segments = true;
  playlist.ended = stream.ended;
  if (!stream.live) playlist.playlist_type = "VOD";
  if (!stream.ended) playlist.hold_back = 3 * playlist.target_duration;
  for (const Segment& segment : track.listed) playlist.segments.push_back(entry_of(segment, track.info));
  return media::write_hls(playlist);
}

}  // namespace server
