#include "harness/replay/content_server.h"

#include "harness/replay/content_manifests.h"
#include "harness/replay/replay_script.h"
#include "media/dash.h"
#include "media/hls.h"

namespace harness {
namespace {

using namespace base::literals;

constexpr base::Instant kNow{1000s};

struct ReplayServer : testing::Test {
  ModelReply get(const std::string& path, base::Instant now = kNow) {
    return server.reply(now, {.method = "GET", .url = "http://origin/" + path, .timeout = 1s});
  }
  media::HlsMediaPlaylist live_playlist(base::Instant now) {
    return std::get<media::HlsMediaPlaylist>(*media::parse_hls(live.reply(now, {.url = "http://origin/live/media_1.m3u8"}).body));
  }
  ContentTable content = small_content();
  ContentServer server{content, {}};
  ContentServer live{content, {.live = true, .listed = 2}};
};

TEST_F(ReplayServer, ListsVariantsInTheContentsOrder) {
  const auto playlist = std::get<media::HlsMultivariantPlaylist>(*media::parse_hls(get("master.m3u8").body));
  ASSERT_EQ(playlist.variants.size(), 3u);
  EXPECT_EQ(playlist.variants[0].uri, "media_1.m3u8");
  EXPECT_EQ(playlist.variants[0].bandwidth, 900_kbps);
  EXPECT_EQ(playlist.variants[0].average_bandwidth, 660_kbps);
  EXPECT_EQ(playlist.variants[1].uri, "media_0.m3u8");
  EXPECT_EQ(playlist.renditions.at(0).uri, "media_3.m3u8");
}

TEST_F(ReplayServer, ListsEverySegmentOfAnEndedPlaylist) {
  const auto playlist = std::get<media::HlsMediaPlaylist>(*media::parse_hls(get("media_2.m3u8").body));
  EXPECT_TRUE(playlist.ended);
  ASSERT_EQ(playlist.segments.size(), 4u);
  EXPECT_EQ(playlist.segments[3].uri, "seg-2-00004.m4s");
  EXPECT_EQ(playlist.segments[3].duration, 2s);
  EXPECT_EQ(playlist.segments[0].init->uri, "init-2.mp4");
}

TEST_F(ReplayServer, DescribesTheSameInAnMpd) {
  const auto manifest = media::parse_mpd(get("manifest.mpd").body);
  ASSERT_TRUE(manifest.has_value());
  EXPECT_EQ(manifest->duration, 8s);
  const auto& sets = manifest->periods.at(0).adaptation_sets;
  ASSERT_EQ(sets.at(0).representations.size(), 3u);
  const media::DashRepresentation& top = sets[0].representations[2];
  EXPECT_EQ(top.bandwidth, 1200_kbps);
  EXPECT_EQ(media::fill_template(top.segments.media, top, 4, 0), "seg-2-00004.m4s");
  EXPECT_EQ(sets.at(1).representations.at(0).id, "3");
}

TEST_F(ReplayServer, KeepsAudioDurationsThatVary) {
  content.audio.durations = {1984ms, 2005ms, 2005ms, 1984ms};
  const auto manifest = media::parse_mpd(write_manifest(content));
  const auto& timeline = manifest->periods.at(0).adaptation_sets.at(1).representations.at(0).segments.timeline;
  ASSERT_EQ(timeline.size(), 3u);
  EXPECT_EQ(timeline[1].start, 1'984'000);
  EXPECT_EQ(timeline[1].repeat, 1);
}

TEST_F(ReplayServer, SendsTheTablesSizes) {
  EXPECT_EQ(get("seg-2-00003.m4s").bytes, 300'000_B);
  EXPECT_EQ(get("seg-3-00003.m4s").bytes, 25'000_B);
  EXPECT_EQ(get("init-0.mp4").bytes, 800_B);
  EXPECT_EQ(get("media_0.m3u8").bytes, 5000_B);
  EXPECT_EQ(get("init-0.mp4").think, 300us);
}

TEST_F(ReplayServer, KnowsNoOtherFiles) {
  for (const char* name : {"seg-4-00001.m4s", "seg-0-00005.m4s", "seg-0-00000.m4s", "seg-0-.m4s", "init-9.mp4", "media_x.m3u8", "", "seg-"})
    EXPECT_EQ(get(name).status, 404) << name;
}

TEST_F(ReplayServer, SlidesALiveWindowFromTheFirstRequestOfTheMultivariantPlaylist) {
  live.reply(kNow, {.url = "http://origin/live/master.m3u8"});
  EXPECT_EQ(live_playlist(kNow + 1900ms).media_sequence, 1);
  const auto later = live_playlist(kNow + 2100ms);
  EXPECT_EQ(later.media_sequence, 2);
  ASSERT_EQ(later.segments.size(), 2u);
  EXPECT_EQ(later.segments[1].uri, "/seg-1-00003.m4s");
  EXPECT_EQ(*later.segments[1].program_date_time - *later.segments[0].program_date_time, 2s);
  EXPECT_FALSE(later.ended);
}

TEST_F(ReplayServer, NeverListsMoreThanThereIs) {
  live.reply(kNow, {.url = "http://origin/live/master.m3u8"});
  EXPECT_EQ(live_playlist(kNow + 5s).segments.size(), 2u);
  EXPECT_EQ(live_playlist(kNow + 7s).segments.size(), 1u);
  EXPECT_TRUE(live_playlist(kNow + 60s).segments.empty());
}

TEST_F(ReplayServer, LetsABrowserKeepAllButLivePlaylists) {
  const auto kept = [](ContentServer& from, const char* url) { return from.reply({}, {.url = url}).caching; };
  EXPECT_EQ(kept(server, "http://origin/media_1.m3u8").max_age, 1h);
  EXPECT_EQ(kept(live, "http://origin/seg-1-00003.m4s").max_age, 1h);
  EXPECT_TRUE(kept(live, "http://origin/live/media_1.m3u8").no_store);
}

}  // namespace
}  // namespace harness
