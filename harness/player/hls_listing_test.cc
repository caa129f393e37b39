#include <gtest/gtest.h>

#include "harness/player/hls_master.h"
#include "harness/player/hls_track.h"

namespace harness {
namespace {

using namespace base::literals;

constexpr base::UtcTime kZero{1'800'000'000s};

media::HlsVariant variant(const char* uri, base::Bitrate bandwidth, int height, const char* codecs = "avc1.64001f,mp4a.40.2",
                          const char* audio = "") {
  return {.uri = uri,
          .bandwidth = bandwidth,
          .average_bandwidth = {},
          .codecs = codecs,
          .width = 0,
          .height = height,
          .frame_rate = 0,
          .audio_group = audio};
}

media::HlsMediaPlaylist list(std::int64_t first, int count, std::optional<base::UtcTime> date = {}) {
  media::HlsMediaPlaylist playlist;
  playlist.target_duration = 2s;
  playlist.media_sequence = first;
  for (int i = 0; i < count; ++i) {
    playlist.segments.push_back({.uri = std::to_string(first + i) + ".m4s",
                                 .duration = 2s,
                                 .range = {},
                                 .program_date_time = {},
                                 .init = {},
                                 .discontinuity = false,
                                 .gap = false});
    if (date) playlist.segments.back().program_date_time = *date + i * 2s;
  }
  return playlist;
}

HlsListing read(const media::HlsMediaPlaylist& playlist) { return *hls_listing(playlist); }

TEST(HlsMaster, RemembersTheFirstListedVariant) {
  media::HlsMultivariantPlaylist playlist;
  playlist.variants = {variant("b", 2_Mbps, 720), variant("a", 1_Mbps, 480), variant("c", 4_Mbps, 1080)};
  const HlsMaster master = *hls_master(playlist, "http://s/x/master.m3u8", 0);
  EXPECT_EQ(master.ladder[first_of(master.ladder)].bandwidth, 2_Mbps);
  EXPECT_EQ(master.ladder.front().url, "http://s/x/a");
  EXPECT_EQ(master.audio_url, "");
}

TEST(HlsMaster, LeavesOutAudioVariantsAndOtherCodecs) {
  media::HlsMultivariantPlaylist playlist;
  playlist.variants = {variant("audio", 64_kbps, 0, "mp4a.40.2"), variant("avc", 1_Mbps, 480),
                       variant("hevc", 900_kbps, 480, "hvc1.1.6.L93,mp4a.40.2")};
  const HlsMaster master = *hls_master(playlist, "http://s/master.m3u8", 0);
  ASSERT_EQ(master.ladder.size(), 1u);
  EXPECT_EQ(master.ladder[0].url, "http://s/avc");
}

TEST(HlsMaster, TakesTheDefaultAudioOfTheGroup) {
  media::HlsMultivariantPlaylist playlist;
  playlist.variants = {variant("v", 1_Mbps, 480, "avc1.64001f", "a")};
  playlist.renditions = {{.type = "AUDIO", .group = "b", .uri = "wrong", .is_default = true},
                         {.type = "AUDIO", .group = "a", .uri = "de"},
                         {.type = "AUDIO", .group = "a", .uri = "en", .is_default = true}};
  EXPECT_EQ(hls_master(playlist, "http://s/master.m3u8", 0)->audio_url, "http://s/en");
}

TEST(HlsMaster, TakesAVariantListedTwiceForOneWithABackup) {
  media::HlsMultivariantPlaylist playlist;
  playlist.variants = {variant("http://a/1", 1_Mbps, 480), variant("http://a/2", 2_Mbps, 720), variant("http://b/1", 1_Mbps, 480),
                       variant("http://a/1", 1_Mbps, 480), variant("http://a/3", 1_Mbps, 360)};
  const HlsMaster master = *hls_master(playlist, "http://s/master.m3u8", 0);
  ASSERT_EQ(master.ladder.size(), 3u);
  EXPECT_EQ(master.ladder[0].backups, std::vector<std::string>{"http://b/1"});
  EXPECT_TRUE(master.ladder.back().backups.empty());
}

TEST(HlsMaster, RefusesAnEmptyLadder) { EXPECT_FALSE(hls_master({}, "http://s/master.m3u8", 0).has_value()); }

TEST(HlsTrack, ContinuesAnEarlierListingByNumber) {
  const Track known = read(list(10, 4)).track;
  const Track* tracks[] = {&known};
  EXPECT_EQ(aligned_start(read(list(12, 4)), tracks, {}), base::Duration{4s});
  EXPECT_EQ(aligned_start(read(list(8, 4)), tracks, {}), base::Duration{-4s});
}

TEST(HlsTrack, GoesByTheDateWhenNumbersDoNotMeet) {
  const Track known = read(list(10, 4)).track;
  const Track* tracks[] = {&known};
  EXPECT_EQ(aligned_start(read(list(40, 4, kZero + 70s)), tracks, kZero), base::Duration{70s});
}

TEST(HlsTrack, BelievesTheDateWhenAServerStartedItsNumbersAnew) {
  const Track known = read(list(10, 4)).track;
  const Track* tracks[] = {&known};
  EXPECT_EQ(aligned_start(read(list(10, 4, kZero + 70s)), tracks, kZero), base::Duration{70s});
}

TEST(HlsTrack, FollowsOnWithoutNumbersOrDates) {
  const Track known = read(list(10, 4)).track;
  const Track* tracks[] = {&known};
  EXPECT_EQ(aligned_start(read(list(20, 4)), tracks, {}), base::Duration{20s});
  EXPECT_EQ(aligned_start(read(list(0, 4)), tracks, {}), base::Duration{8s});
}

TEST(HlsTrack, StepsForwardAtADatedDiscontinuity) {
  media::HlsMediaPlaylist playlist = list(0, 4, kZero);
  playlist.segments[2].discontinuity = true;
  playlist.segments[2].program_date_time = kZero + 30s;
  playlist.segments[3].program_date_time.reset();
  const Track track = read(playlist).track;
  EXPECT_EQ(track.after(4s)->start, base::Duration{30s});
  EXPECT_EQ(track.end(), base::Duration{34s});
}

TEST(HlsTrack, LeavesOutSegmentsOfNoLength) {
  media::HlsMediaPlaylist playlist = list(0, 3);
  playlist.segments[0].duration = 0s;
  const Track track = read(playlist).track;
  ASSERT_TRUE(track.after(0s));
  EXPECT_EQ(track.uri(*track.after(0s)), "1.m4s");
}

TEST(HlsTrack, IgnoresDatesNobodyLivesIn) {
  media::HlsMediaPlaylist playlist = list(0, 1);
  playlist.segments[0].program_date_time = base::UtcTime{base::Duration::max()};
  EXPECT_FALSE(read(playlist).date);
}

}  // namespace
}  // namespace harness
