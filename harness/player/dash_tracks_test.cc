#include "harness/player/dash_tracks.h"

#include <gtest/gtest.h>

#include "media/sidx.h"

namespace harness {
namespace {

using namespace base::literals;

media::DashRepresentation representation(const media::DashSegmentTemplate& segments) {
  return {.id = "v",
          .bandwidth = 1_Mbps,
          .codecs = "avc1",
          .width = 0,
          .height = 480,
          .frame_rate = {},
          .audio_sampling_rate = 0,
          .segments = segments};
}

media::DashManifest manifest(const media::DashSegmentTemplate& segments, std::optional<base::Duration> length = {}, bool dynamic = false) {
  media::DashManifest made;
  made.dynamic = dynamic;
  made.duration = length;
  media::DashAdaptationSet video{.id = "1",
                                 .content_type = "video",
                                 .mime_type = "video/mp4",
                                 .language = {},
                                 .segment_alignment = true,
                                 .representations = {representation(segments)}};
  made.periods.push_back({.id = "p", .start = {}, .duration = {}, .adaptation_sets = {video}});
  return made;
}

media::DashSegmentTemplate by_number(std::int64_t ticks, std::int64_t timescale = 1000) {
  return {.initialization = "i",
          .media = "$Number$",
          .timescale = timescale,
          .start_number = 1,
          .presentation_time_offset = 0,
          .duration = ticks,
          .timeline = {}};
}

media::DashSegmentTemplate by_timeline(std::vector<media::DashTimelineEntry> entries, std::int64_t offset = 0) {
  return {.initialization = "i",
          .media = "$Time$",
          .timescale = 1000,
          .start_number = 1,
          .presentation_time_offset = offset,
          .duration = 0,
          .timeline = std::move(entries)};
}

TEST(DashTracks, EndsWithAShorterSegmentWhereTheLengthSaysSo) {
  const Track track = dash_tracks(manifest(by_number(2000), 11s), 0)->video[0];
  EXPECT_EQ(track.end(), base::Duration{11s});
  EXPECT_EQ(track.last_number(), 6);
}

TEST(DashTracks, RepeatsToTheNextEntryOrTheEnd) {
  const Track track = dash_tracks(manifest(by_timeline({{0, 2000, -1}, {10000, 1000, -1}}), 15s), 0)->video[0];
  EXPECT_EQ(track.last_number(), 10);
  EXPECT_EQ(track.end(), base::Duration{15s});
}

TEST(DashTracks, TakesThePresentationTimeOffsetOff) {
  const Track track = dash_tracks(manifest(by_timeline({{90000, 2000, 4}}, 90000), 10s), 0)->video[0];
  EXPECT_EQ(track.start(), base::Duration{0s});
  EXPECT_EQ(track.uri(*track.after(2s)), "92000");
}

TEST(DashTracks, JoinsPeriods) {
  media::DashManifest two = manifest(by_number(2000), 20s);
  two.periods.push_back(two.periods[0]);
  two.periods[1].start = 10s;
  const Track track = dash_tracks(two, 0)->video[0];
  EXPECT_EQ(track.end(), base::Duration{20s});
  EXPECT_EQ(track.uri(*track.after(10s)), "1");
}

media::DashSegmentTemplate by_index() {
  media::DashSegmentTemplate segments{.initialization = "", .media = "", .timescale = 90000, .presentation_time_offset = 90000};
  segments.index = media::ByteRange{.offset = 700, .length = 100};
  return segments;
}

// Two seconds each, from 1 s of the file on, at half the manifest's timescale.
std::string index_of(std::size_t count) {
  media::SegmentIndex index{.timescale = 45000, .start = 45000, .first_byte = 500, .entries = {}};
  index.entries.assign(count, {.bytes = 1000, .duration = 90000});
  return media::write_sidx(index);
}

TEST(DashTracks, AreUnreadWhereThereIsAnIndex) {
  Track track = dash_tracks(manifest(by_index(), 6s), 0)->video[0];
  ASSERT_EQ(track.unread(), 0u);
  ASSERT_TRUE(read_index(track, index_of(3), true).has_value());
  EXPECT_FALSE(track.unread());
  EXPECT_EQ(track.start(), base::Duration{0s});
  EXPECT_EQ(track.end(), base::Duration{6s});
  EXPECT_EQ(track.range(*track.after(2s)), (media::ByteRange{.offset = 700 + 500 + 1000, .length = 1000}));
}

TEST(DashTracks, RefuseAnIndexThatIsNone) {
  Track track = dash_tracks(manifest(by_index(), 6s), 0)->video[0];
  EXPECT_FALSE(read_index(track, "", true).has_value());
  EXPECT_FALSE(read_index(track, index_of(3), false).has_value()) << "too short for the whole file";
  EXPECT_TRUE(track.unread());
}

TEST(DashTracks, ListAsManySegmentsAsTheirUrls) {
  media::DashSegmentTemplate segments = by_number(2000);
  segments.media.clear();
  segments.list = {{.media = "a", .range = {}}, {.media = "b", .range = media::ByteRange{.offset = 5, .length = 6}}};
  const Track track = dash_tracks(manifest(segments, 60s), 0)->video[0];
  EXPECT_EQ(track.end(), base::Duration{4s});
  EXPECT_EQ(track.uri(*track.after(2s)), "b");
  EXPECT_EQ(track.range(*track.after(2s)), (media::ByteRange{.offset = 5, .length = 6}));
}

TEST(DashTracks, GoesByTheClockInALiveStreamWithoutATimeline) {
  EXPECT_TRUE(dash_tracks(manifest(by_number(2000), {}, true), 0)->video[0].is_by_clock());
}

TEST(DashTracks, PlaysAudioWhereThereIsNoVideo) {
  media::DashManifest radio = manifest(by_number(2000), 10s);
  radio.periods[0].adaptation_sets[0].content_type = "audio";
  const auto tracks = dash_tracks(radio, 0);
  EXPECT_EQ(tracks->video.size(), 1u);
  EXPECT_FALSE(tracks->audio);
}

TEST(DashTracks, RefusesWhatCannotBePlayed) {
  EXPECT_FALSE(dash_tracks({}, 0).has_value()) << "no period";
  EXPECT_FALSE(dash_tracks(manifest(by_number(2000)), 0).has_value()) << "a film without an end";
  EXPECT_FALSE(dash_tracks(manifest(by_timeline({{0, 0, 5}}), 10s), 0).has_value()) << "segments of no length";
}

TEST(DashTracks, SurvivesHugeNumbers) {
  const std::int64_t huge = std::numeric_limits<std::int64_t>::max();
  for (const auto& segments :
       {by_timeline({{huge, huge, huge}, {-huge, 1, -1}}), by_timeline({{5, huge, huge}}), by_number(huge, 1), by_number(1, huge)}) {
    const auto tracks = dash_tracks(manifest(segments, kForever, true), 0);
    EXPECT_TRUE(!tracks.has_value() || tracks->video[0].end() <= kForever);
  }
}

}  // namespace
}  // namespace harness
