// For tests: a small server of one stream, in the time of a PlayerScript: HLS and DASH, live and VOD, with gaps, tokens and faults.
// Segment n covers [n, n + 1) x 2 s of the stream, which began 100 s before the script.
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "harness/player/player_script.h"
#include "media/dash.h"
#include "media/hls.h"

namespace harness::test {

class FakeStream {
 public:
  static constexpr base::Duration kSegment = std::chrono::seconds{2};
  static constexpr std::int64_t kLiveStart = 50;  // the first number that is not listed yet when the script starts

  bool live = true;
  std::int64_t vod_segments = 10;
  std::int64_t window = 8;
  bool says_delay = true;  // DASH: suggestedPresentationDelay
  std::vector<std::pair<int, base::Bitrate>> ladder{{720, 2500_kbps}, {480, 1100_kbps}, {240, 300_kbps}};  // as listed
  std::set<std::int64_t> gaps;
  base::Bitrate rate = 10_Mbps;
  base::Duration rtt = 20ms;
  std::set<std::string> missing;  // paths that are 404
  std::string token;              // not empty: needed
  int tokens_issued = 0;
  base::Duration token_lifetime = 60s;
  std::optional<Reply> fault;              // for everything
  std::optional<base::Instant> frozen_at;  // listings stay as they were

  // Video on demand.
  static FakeStream film(std::int64_t segments = 10) {
    FakeStream stream;
    stream.live = false;
    stream.vod_segments = segments;
    return stream;
  }
  static std::string hls_url() { return "http://s/master.m3u8"; }
  static std::string dash_url() { return "http://s/manifest.mpd"; }
  static TokenSource token_source() {
    return {.token_url = "http://s/token", .refresh_url = "http://s/refresh", .stream = "main", .subject = "v1", .group = "g"};
  }
  static base::Instant began() { return PlayerScript::kStart - kLiveStart * kSegment; }
  static base::UtcTime began_utc() { return PlayerScript::kStartUtc - kLiveStart * kSegment; }

  Reply operator()(base::Instant now, const Fetch& fetch) {
    if (fault) return *fault;
    const std::string path = fetch.url->substr(std::string{"http://s/"}.size());
    if (path == "token" || path == "refresh") return grant();
    if (!token.empty() && !carries(fetch, token)) return {.status = 401};
    if (missing.contains(path)) return {.status = 404};
    return sized(path, content(frozen_at ? *frozen_at : now, path));
  }
  Responder responder() {
    return [this](base::Instant now, const Fetch& fetch) { return (*this)(now, fetch); };
  }

  std::string hls_master() const;
  std::string hls_playlist(base::Instant now) const;
  std::string dash_manifest(base::Instant now) const;
  std::int64_t first(base::Instant now) const { return live ? std::max<std::int64_t>(end(now) - window, 0) : 0; }
  std::int64_t end(base::Instant now) const { return live ? (now - began()) / kSegment : vod_segments; }

 private:
  static bool carries(const Fetch& fetch, const std::string& token) {
    return std::find(fetch.headers.begin(), fetch.headers.end(), std::pair<std::string, std::string>{"Authorization", "Bearer " + token}) !=
           fetch.headers.end();
  }
  Reply grant() {
    token = "t" + std::to_string(++tokens_issued);
    return {.body = R"({"access_token":")" + token + R"(","refresh_token":"r","expires_in":)" +
                    std::to_string(base::to_seconds(token_lifetime)) + "}"};
  }
  std::string content(base::Instant now, const std::string& path) const {
    if (path == "master.m3u8") return hls_master();
    if (path == "manifest.mpd") return dash_manifest(now);
    return ends_with(path, ".m3u8") ? hls_playlist(now) : std::string{};
  }
  Reply sized(const std::string& path, std::string body) const {
    std::int64_t bytes = std::max<std::int64_t>(static_cast<std::int64_t>(body.size()), 700);
    if (ends_with(path, ".m4s")) bytes = (bitrate_of(path) * kSegment).count();
    const base::ByteCount size = base::ByteCount::bytes(bytes);
    return {.body = std::move(body), .bytes = size, .took = rtt + size / rate};
  }
  base::Bitrate bitrate_of(const std::string& path) const {
    for (const auto& [height, bitrate] : ladder) {
      if (path.starts_with("v" + std::to_string(height))) return bitrate;
    }
    return 128_kbps;
  }
  std::vector<media::DashTimelineEntry> timeline(base::Instant now) const;
};

inline std::string FakeStream::hls_master() const {
  media::HlsMultivariantPlaylist master;
  master.renditions.push_back({.type = "AUDIO",
                               .group = "a",
                               .name = "main",
                               .language = "en",
                               .uri = "audio/list.m3u8",
                               .channels = 2,
                               .is_default = true,
                               .autoselect = true});
  for (const auto& [height, bitrate] : ladder) {
    master.variants.push_back({.uri = "v" + std::to_string(height) + "/list.m3u8",
                               .bandwidth = bitrate,
                               .average_bandwidth = {},
                               .codecs = "avc1.64001f,mp4a.40.2",
                               .width = height * 16 / 9,
                               .height = height,
                               .frame_rate = 30,
                               .audio_group = "a"});
  }
  return media::write_hls(master);
}

inline std::string FakeStream::hls_playlist(base::Instant now) const {
  media::HlsMediaPlaylist list;
  list.target_duration = kSegment;
  list.media_sequence = first(now);
  list.ended = !live;
  for (std::int64_t n = first(now); n < end(now); ++n) {
    media::HlsSegment segment{.uri = std::to_string(n) + ".m4s",
                              .duration = kSegment,
                              .range = {},
                              .program_date_time = {},
                              .init = media::HlsInit{.uri = "init.mp4", .range = {}},
                              .discontinuity = false,
                              .gap = gaps.contains(n)};
    if (live) segment.program_date_time = began_utc() + n * kSegment;
    list.segments.push_back(std::move(segment));
  }
  return media::write_hls(list);
}

inline std::vector<media::DashTimelineEntry> FakeStream::timeline(base::Instant now) const {
  std::vector<media::DashTimelineEntry> entries;
  for (std::int64_t n = first(now); n < end(now); ++n) {
    if (gaps.contains(n)) continue;
    if (!entries.empty() && entries.back().start + (entries.back().repeat + 1) * 2000 == n * 2000)
      ++entries.back().repeat;
    else
      entries.push_back({.start = n * 2000, .duration = 2000, .repeat = 0});
  }
  return entries;
}

inline std::string FakeStream::dash_manifest(base::Instant now) const {
  media::DashSegmentTemplate segments{.initialization = "$RepresentationID$/init.mp4",
                                      .media = "$RepresentationID$/$Time$.m4s",
                                      .timescale = 1000,
                                      .start_number = first(now),
                                      .presentation_time_offset = 0,
                                      .duration = 0,
                                      .timeline = timeline(now)};
  media::DashAdaptationSet video{
      .id = "1", .content_type = "video", .mime_type = "video/mp4", .language = {}, .segment_alignment = true, .representations = {}};
  for (const auto& [height, bitrate] : ladder) {
    video.representations.push_back({.id = "v" + std::to_string(height),
                                     .bandwidth = bitrate,
                                     .codecs = "avc1.64001f",
                                     .width = height * 16 / 9,
                                     .height = height,
                                     .frame_rate = "30",
                                     .audio_sampling_rate = 0,
                                     .segments = segments});
  }
  media::DashAdaptationSet audio{
      .id = "2", .content_type = "audio", .mime_type = "audio/mp4", .language = "en", .segment_alignment = true, .representations = {}};
  audio.representations.push_back({.id = "audio",
                                   .bandwidth = 128_kbps,
                                   .codecs = "mp4a.40.2",
                                   .width = 0,
                                   .height = 0,
                                   .frame_rate = {},
                                   .audio_sampling_rate = 48000,
                                   .segments = segments});
  media::DashManifest manifest;
  manifest.dynamic = live;
  manifest.profiles = "urn:mpeg:dash:profile:isoff-live:2011";
  manifest.min_buffer_time = kSegment;
  if (live) {
    manifest.availability_start = began_utc();
    manifest.publish_time = PlayerScript::kStartUtc + (now - PlayerScript::kStart);
    manifest.minimum_update_period = kSegment;
    manifest.time_shift_buffer_depth = window * kSegment;
    if (says_delay) manifest.suggested_presentation_delay = 3 * kSegment;
  } else {
    manifest.duration = vod_segments * kSegment;
  }
  manifest.periods.push_back({.id = "p0", .start = {}, .duration = {}, .adaptation_sets = {video, audio}});
  return media::write_mpd(manifest);
}

}  // namespace harness::test
