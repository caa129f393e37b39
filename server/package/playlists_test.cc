#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "media/dash.h"
#include "media/hls.h"
#include "server/package/presentation_for_test.h"

namespace server {
namespace {
using namespace std::chrono_literals;
using testing::ElementsAre;

media::HlsMediaPlaylist media_playlist(const Snapshot& stream, std::size_t track) {
  return std::get<media::HlsMediaPlaylist>(*media::parse_hls(hls_media_playlist(stream, stream.tracks[track])));
}

// Segments 0 to 29, of which 25 to 27 are a gap.
struct LiveWithGap : testing::Test {
  LiveWithGap() {
    publish(live, 0, 25);
    for (std::int64_t number = 25; number < 28; ++number) publish_gap(live, number);
    publish(live, 28, 30);
    stream = live.snapshot();
  }
  Presentation live{live_options(), two_tracks()};
  SnapshotPtr stream;
};

TEST_F(LiveWithGap, MultivariantPlaylistCountsTheSoundIn) {
  const auto playlist = std::get<media::HlsMultivariantPlaylist>(*media::parse_hls(hls_multivariant(*stream)));
  ASSERT_EQ(playlist.variants.size(), 1U);
  const media::HlsVariant& variant = playlist.variants[0];
  EXPECT_EQ(variant.uri, "video-720p/playlist.m3u8");
  EXPECT_EQ(variant.bandwidth.bps(), 3'140'000);
  EXPECT_EQ(variant.average_bandwidth->bps(), 2'628'000);
  EXPECT_EQ(variant.codecs, "avc1.64001f,mp4a.40.2");
  EXPECT_EQ(variant.audio_group, playlist.renditions.at(0).group);
  EXPECT_EQ(playlist.renditions[0].uri, "audio/playlist.m3u8");
}

TEST_F(LiveWithGap, MediaPlaylistListsTheWindow) {
  const media::HlsMediaPlaylist playlist = media_playlist(*stream, 0);
  EXPECT_EQ(playlist.media_sequence, 22);
  EXPECT_EQ(playlist.target_duration, 2s);
  EXPECT_EQ(playlist.hold_back, 6s);
  EXPECT_FALSE(playlist.ended);
  ASSERT_EQ(playlist.segments.size(), 8U);
  EXPECT_EQ(playlist.segments[0].uri, "22.m4s");
  EXPECT_EQ(playlist.segments[0].init->uri, "init.mp4");
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(playlist.segments[i].program_date_time, test_start() + (22 + static_cast<int>(i)) * 2s);
}

TEST_F(LiveWithGap, TracksStayAlignedOverTheGap) {
  const media::HlsMediaPlaylist video = media_playlist(*stream, 0), audio = media_playlist(*stream, 1);
  EXPECT_EQ(video.media_sequence, audio.media_sequence);
  EXPECT_EQ(video.target_duration, audio.target_duration);
  ASSERT_EQ(video.segments.size(), audio.segments.size());
  for (std::size_t i = 0; i < video.segments.size(); ++i) {
    EXPECT_EQ(video.segments[i].gap, i >= 3 && i < 6);
    EXPECT_EQ(audio.segments[i].gap, video.segments[i].gap);
    EXPECT_LT(std::chrono::abs(audio.segments[i].duration - video.segments[i].duration), 22ms);
  }
}

TEST_F(LiveWithGap, ManifestLeavesAHole) {
  const auto manifest = media::parse_mpd(dash_manifest(*stream, "http://localhost/time"));
  ASSERT_TRUE(manifest.has_value()) << manifest.error().message;
  const media::DashSegmentTemplate& video = manifest->periods.at(0).adaptation_sets.at(0).representations.at(0).segments;
  EXPECT_THAT(video.timeline,
              ElementsAre(media::DashTimelineEntry{22 * 180000, 180000, 2}, media::DashTimelineEntry{28 * 180000, 180000, 1}));
}

TEST_F(LiveWithGap, ManifestNamesSegmentsThatAreThere) {
  const auto manifest = media::parse_mpd(dash_manifest(*stream, ""));
  for (std::size_t i = 0; i < 2; ++i) {
    const media::DashRepresentation& track = manifest->periods.at(0).adaptation_sets.at(i).representations.at(0);
    EXPECT_EQ(media::fill_template(track.segments.initialization, track, 0, 0), stream->tracks[i].info.name + "/init.mp4");
    for (const media::DashTimelineEntry& entry : track.segments.timeline) {
      for (std::int64_t k = 0; k <= entry.repeat; ++k) {
        const std::string uri = media::fill_template(track.segments.media, track, 0, entry.start + k * entry.duration);
        const std::string prefix = stream->tracks[i].info.name + "/";
        ASSERT_TRUE(uri.starts_with(prefix));
        EXPECT_NE(find_segment(stream->tracks[i], uri.substr(prefix.size())), nullptr) << uri;
      }
    }
  }
}

TEST_F(LiveWithGap, ManifestTellsPlayersTheClock) {
  const auto manifest = media::parse_mpd(dash_manifest(*stream, "http://localhost/time"));
  EXPECT_TRUE(manifest->dynamic);
  EXPECT_EQ(manifest->availability_start, test_start());
  EXPECT_EQ(manifest->minimum_update_period, 2s);
  EXPECT_EQ(manifest->time_shift_buffer_depth, 16s);
  EXPECT_EQ(manifest->suggested_presentation_delay, 6s);
  ASSERT_EQ(manifest->utc_timings.size(), 1u);
  EXPECT_EQ(manifest->utc_timings[0].scheme, "urn:mpeg:dash:utc:http-iso:2014");
  EXPECT_EQ(manifest->utc_timings[0].value, "http://localhost/time");
}

TEST(Manifest, KeepsATimelineThroughALongOutage) {
  Presentation live{live_options(), two_tracks()};
  publish(live, 0, 3);
  for (std::int64_t number = 3; number < 60; ++number) publish_gap(live, number);
  const SnapshotPtr stream = live.snapshot();
  const auto manifest = media::parse_mpd(dash_manifest(*stream, ""));
  ASSERT_TRUE(manifest.has_value()) << manifest.error().message;
  const media::DashSegmentTemplate& video = manifest->periods.at(0).adaptation_sets.at(0).representations.at(0).segments;
  EXPECT_THAT(video.timeline, ElementsAre(media::DashTimelineEntry{2 * 180000, 180000, 0}));
  EXPECT_NE(find_segment(stream->tracks[0], "2.m4s"), nullptr);
}

TEST(Playlists, OfVideoOnDemandAreComplete) {
  Presentation::Options options = live_options();
  options.live = false;
  Presentation vod{options, two_tracks()};
  publish(vod, 0, 20);
  vod.end();
  const media::HlsMediaPlaylist playlist = media_playlist(*vod.snapshot(), 0);
  EXPECT_TRUE(playlist.ended);
  EXPECT_EQ(playlist.playlist_type, "VOD");
  EXPECT_EQ(playlist.segments.size(), 20U);
  const auto manifest = media::parse_mpd(dash_manifest(*vod.snapshot(), ""));
  EXPECT_FALSE(manifest->dynamic);
  EXPECT_EQ(manifest->duration, 40s);
  EXPECT_EQ(manifest->minimum_update_period, std::nullopt);
}

TEST(Playlists, OfAnEndedLiveStreamStartAtZero) {
  Presentation live{live_options(), two_tracks()};
  publish(live, 0, 30);
  live.end();
  EXPECT_TRUE(media_playlist(*live.snapshot(), 0).ended);
  const auto manifest = media::parse_mpd(dash_manifest(*live.snapshot(), "http://localhost/time"));
  EXPECT_FALSE(manifest->dynamic);
  EXPECT_EQ(manifest->duration, 16s);
  EXPECT_EQ(manifest->periods.at(0).adaptation_sets.at(1).representations.at(0).segments.presentation_time_offset, 44 * 48000);
}

TEST(Playlists, OfVideoOnDemandStateMeasuredRates) {
  Presentation::Options options = live_options();
  options.live = false;
  Presentation vod{options, two_tracks()};
  for (std::int64_t number = 0; number < 2; ++number) {
    std::vector<Segment> slot = segments(number, false);
    slot[0].bytes = std::make_shared<const std::string>(static_cast<std::size_t>(100'000 * (number + 1)), 'x');
    vod.publish(std::move(slot));
  }
  vod.end();
  const auto manifest = media::parse_mpd(dash_manifest(*vod.snapshot(), ""));
  EXPECT_EQ(manifest->periods.at(0).adaptation_sets.at(0).representations.at(0).bandwidth.bps(), 800'000);
}

}  // namespace
}  // namespace server
