#include "server/library/packager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "media/hls.h"
#include "server/library/decoded_track.h"
#include "server/switching/grey_picture.h"

namespace server {
namespace {
using namespace std::chrono_literals;
using namespace base::literals;
using testing::ElementsAre;

const SlotGeometry kGrid{FrameRate{30, 1}};
const base::UtcTime kStart{1'800'000'000s};

// Grey, of a brightness that names the frame.
Picture picture(std::int64_t frame) { return grey_picture(40 + static_cast<int>(frame % 60) * 3); }

struct Script {
  explicit Script(Packager::Pace pace = Packager::Pace::kLive) {
    packager = std::make_unique<Packager>(
        Packager::Options{.name = "main", .pace = pace, .ladder = {{240, 300_kbps}, {120, 100_kbps}}, .start = kStart}, frame_at(0s),
        metrics);
  }
  VideoFrame frame_at(base::Duration at) const {
    return {.picture = picture(kGrid.nearest_frame(at)),
            .timestamp = at + 50s,
            .arrived = {},
            .captured = kStart + at - capture_delay,
            .frames_per_second = 30};
  }
  void sends(base::Duration from, base::Duration until) {
    for (std::int64_t k = kGrid.nearest_frame(from); kGrid.frame_time(k) < until; ++k) {
      const base::Duration at = kGrid.frame_time(k);
      packager->video(at, at, frame_at(at));
      packager->audio(at, {.left = std::vector<float>(1600), .right = std::vector<float>(1600), .timestamp = at + 50s, .arrived = {}});
    }
  }
  void is_silent(base::Duration from, base::Duration until) {
    for (base::Duration at = from; at <= until; at += 20ms) packager->tick(at);
  }
  SnapshotPtr snapshot() const { return packager->presentation()->snapshot(); }

  prometheus::Registry registry;
  StreamMetrics metrics{registry, "main"};
  base::Duration capture_delay = 150ms;
  std::unique_ptr<Packager> packager;
};

// 4.5 s of pictures, an outage of 6 s, and back.
struct AfterAnOutage : testing::Test {
  AfterAnOutage() {
    script.sends(0s, 4500ms);
    script.is_silent(4500ms, 10500ms);
    script.sends(10500ms, 16200ms);
    stream = script.snapshot();
  }
  Script script;
  SnapshotPtr stream;
};

TEST_F(AfterAnOutage, AllTracksHaveTheSameSegmentsAndGaps) {
  ASSERT_NE(stream, nullptr);
  ASSERT_EQ(stream->tracks.size(), 3U);
  for (const TrackSnapshot& track : stream->tracks) {
    std::vector<std::int64_t> gaps;
    for (std::size_t i = 0; i < track.listed.size(); ++i) {
      EXPECT_EQ(track.listed[i].number, static_cast<std::int64_t>(i));
      if (track.listed[i].bytes == nullptr) gaps.push_back(track.listed[i].number);
    }
    EXPECT_EQ(track.listed.size(), 8U);
    EXPECT_THAT(gaps, ElementsAre(3, 4, 5)) << track.info.name;
  }
}

TEST_F(AfterAnOutage, EachSegmentSaysExactlyWhereItIs) {
  for (const TrackSnapshot& track : stream->tracks) {
    for (const Segment& segment : track.listed) {
      EXPECT_LT(std::abs(static_cast<double>(segment.start) / track.info.timescale - 2.0 * static_cast<double>(segment.number)), 0.0214);
      if (segment.bytes == nullptr) continue;
      const auto facts = media::read_mp4_segment(*segment.bytes);
      ASSERT_TRUE(facts.has_value()) << facts.error().message;
      EXPECT_EQ(facts->decode_time, static_cast<std::uint64_t>(segment.start));
      EXPECT_EQ(facts->duration, static_cast<std::uint64_t>(segment.duration));
      EXPECT_TRUE(facts->starts_with_sync);
    }
  }
}

TEST_F(AfterAnOutage, EverythingDecodes) {
  for (const TrackSnapshot& track : stream->tracks) {
    const Played played = play(track);
    EXPECT_EQ(played.errors, 0) << track.info.name;
    if (track.info.kind == media::TrackKind::kVideo) {
      EXPECT_EQ(played.frame_times.size(), 300U);
    }
    for (std::size_t i = 1; i < played.frame_times.size(); ++i) EXPECT_GT(played.frame_times[i], played.frame_times[i - 1]);
  }
}

TEST_F(AfterAnOutage, ShowsEachPictureInItsPlace) {
  const Played played = play(stream->tracks[0]);
  ASSERT_EQ(played.brightness.size(), 300U);
  EXPECT_NEAR(played.brightness[75], 40 + 15 * 3, 3);
  EXPECT_NEAR(played.brightness[179], 40 + 14 * 3, 3);  // held from frame 134 on
  EXPECT_NEAR(played.brightness[180], 40, 3);           // frame 360, the first of slot 6
}

TEST_F(AfterAnOutage, PlaylistsReadBackTheSame) {
  std::vector<media::HlsMediaPlaylist> playlists;
  for (const TrackSnapshot& track : stream->tracks) {
    playlists.push_back(std::get<media::HlsMediaPlaylist>(*media::parse_hls(hls_media_playlist(*stream, track))));
  }
  for (const media::HlsMediaPlaylist& playlist : playlists) {
    ASSERT_EQ(playlist.segments.size(), playlists[0].segments.size());
    EXPECT_EQ(playlist.media_sequence, playlists[0].media_sequence);
    for (std::size_t i = 0; i < playlist.segments.size(); ++i) {
      EXPECT_EQ(playlist.segments[i].gap, playlists[0].segments[i].gap);
      EXPECT_LT(std::chrono::abs(*playlist.segments[i].program_date_time - *playlists[0].segments[i].program_date_time), 22ms);
    }
  }
}

TEST_F(AfterAnOutage, CountsWhatHappened) {
  EXPECT_EQ(script.metrics.segments->Value(), 5);
  EXPECT_EQ(script.metrics.gaps->Value(), 3);
  EXPECT_EQ(script.metrics.frames_held->Value(), 45);
  EXPECT_EQ(script.metrics.frames_dropped->Value(), 45);
  EXPECT_EQ(script.packager->losses(), 1U);
}

TEST(Packager, DatesSegmentsByTheirCapture) {
  Script script;
  script.sends(0s, 6200ms);
  const SnapshotPtr stream = script.snapshot();
  for (const Segment& segment : stream->tracks[0].listed) EXPECT_EQ(segment.wall, kStart + segment.number * 2s - 150ms);
  EXPECT_NEAR(script.metrics.contribution_latency->Value(), 0.15, 1e-6);
}

TEST(Packager, EndsAFileWhereItEnds) {
  Script script{Packager::Pace::kAtOnce};
  script.sends(0s, 3s);
  script.packager->finish();
  const SnapshotPtr stream = script.snapshot();
  ASSERT_NE(stream, nullptr);
  ASSERT_EQ(stream->tracks[0].listed.size(), 2U);
  EXPECT_EQ(stream->tracks[0].listed[1].duration, 90000);
  EXPECT_NEAR(static_cast<double>(stream->tracks[2].listed[1].duration), 48000, 1024);
  EXPECT_EQ(play(stream->tracks[0]).frame_times.size(), 90U);
}

TEST(Packager, PackagesASourceWithoutSound) {
  Script script;
  for (int k = 0; k < 190; ++k) script.packager->video(kGrid.frame_time(k), kGrid.frame_time(k), script.frame_at(kGrid.frame_time(k)));
  const SnapshotPtr stream = script.snapshot();
  ASSERT_NE(stream, nullptr);
  const Played sound = play(stream->tracks[2]);
  EXPECT_EQ(sound.errors, 0);
  EXPECT_EQ(sound.frame_times.size(), 282U);
}

}  // namespace
}  // namespace server
