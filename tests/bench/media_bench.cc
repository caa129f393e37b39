// Parsing what players fetch over and over: playlists and manifests of a live window and of a long VOD.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "media/dash.h"
#include "media/hls.h"

namespace {

using namespace std::chrono_literals;

std::string playlist_of(int segments) {
  media::HlsMediaPlaylist playlist;
  playlist.target_duration = 2s;
  playlist.hold_back = 6s;
  for (int i = 0; i < segments; ++i) {
    media::HlsSegment segment;
    segment.uri = fmt::format("{}.m4s", i);
    segment.duration = 2s;
    segment.program_date_time = base::UtcTime{std::chrono::hours{490'000} + i * 2s};
    segment.init = media::HlsInit{.uri = "init.mp4", .range = {}};
    playlist.segments.push_back(std::move(segment));
  }
  return media::write_hls(playlist);
}

void parse_media_playlist(benchmark::State& state) {
  const std::string text = playlist_of(static_cast<int>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(media::parse_hls(text));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(parse_media_playlist)->Arg(8)->Arg(300);

std::string manifest_of(int segments) {
  media::DashManifest manifest;
  manifest.dynamic = true;
  manifest.availability_start = base::UtcTime{std::chrono::hours{490'000}};
  manifest.min_buffer_time = 2s;
  media::DashAdaptationSet set;
  set.content_type = "video";
  set.mime_type = "video/mp4";
  for (int rung = 0; rung < 3; ++rung) {
    media::DashRepresentation representation;
    representation.id = fmt::format("video-{}", rung);
    representation.bandwidth = base::Bitrate::bits_per_second(1'000'000 * (rung + 1));
    representation.segments.initialization = "$RepresentationID$/init.mp4";
    representation.segments.media = "$RepresentationID$/t$Time$.m4s";
    representation.segments.timescale = 90'000;
    // Durations that differ, so that nothing folds into @r.
    for (std::int64_t i = 0, start = 0; i < segments; ++i) {
      representation.segments.timeline.push_back({.start = start, .duration = 180'000 + i % 2, .repeat = 0});
      start += 180'000 + i % 2;
    }
    set.representations.push_back(std::move(representation));
  }
  media::DashPeriod period;
  period.adaptation_sets.push_back(std::move(set));
  manifest.periods.push_back(std::move(period));
  return media::write_mpd(manifest);
}

void parse_manifest(benchmark::State& state) {
  const std::string text = manifest_of(static_cast<int>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(media::parse_mpd(text));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(parse_manifest)->Arg(8)->Arg(300);

}  // namespace
