#include "harness/player/player_session.h"

#include "harness/player/fake_stream.h"

namespace harness::test {
namespace {

PlayerConfig vod(Device with = device()) { return PlayerScript::config(with, FakeStream::hls_url(), ContentKind::kVod); }

// A VOD player that has its manifest and playlists and runs its first requests.
PlayerScript& prepared(PlayerScript& player, const FakeStream& stream) {
  player.begins().receives("master.m3u8", {.body = stream.hls_master()});
  player.receives("v720/list.m3u8", {.body = stream.hls_playlist(player.now())});
  return player.receives("audio/list.m3u8", {.body = stream.hls_playlist(player.now())});
}

TEST(PlayerSession, AsksForTheManifestFirst) {
  PlayerScript player{vod()};
  player.begins().expects_fetch("master.m3u8");
  EXPECT_EQ(player.asked().size(), 1u);
}

TEST(PlayerSession, AsksForBothPlaylistsAtOnce) {
  const FakeStream stream = FakeStream::film();
  PlayerScript player{vod()};
  player.begins().receives("master.m3u8", {.body = stream.hls_master()});
  player.expects_fetch("v720/list.m3u8").expects_fetch("audio/list.m3u8");
}

TEST(PlayerSession, AsksForInitThenSegmentOnBothTracksInParallel) {
  const FakeStream stream = FakeStream::film();
  PlayerScript player{vod()};
  prepared(player, stream).expects_fetch("v720/init.mp4").expects_fetch("audio/init.mp4").expects_no_fetch("v720/0.m4s");
  player.receives("v720/init.mp4").expects_fetch("v720/0.m4s");
  player.receives("audio/init.mp4").expects_fetch("audio/0.m4s");
}

TEST(PlayerSession, TakesWhatTheBrowsersCacheAnswersForNoTraffic) {
  PlayerScript player{vod()};
  prepared(player, FakeStream::film());
  const PlayerTotals before = player.totals();
  player.receives("v720/init.mp4", {.bytes = {}, .cached = 800_B}).receives("audio/init.mp4", {.bytes = {}, .cached = 800_B});
  player.receives("v720/0.m4s", {.bytes = {}, .cached = 600'000_B}).receives("audio/0.m4s", {.bytes = {}, .cached = 30'000_B});
  player.advances(1s).expects_state(PlayerState::kPlaying);
  EXPECT_EQ(player.totals().bytes, before.bytes);
  EXPECT_EQ(player.totals().requests, 3u + 2u) << "three listings, and the two segments that run";
  const RequestDone last = player.said<RequestDone>().back();
  EXPECT_EQ(last.bytes, 0_B);
  EXPECT_EQ(last.cached, 30'000_B);
  EXPECT_TRUE(is_from_cache(last));
}

TEST(PlayerSession, SaysWhatTheServerCalledUnchanged) {
  const FakeStream stream = FakeStream::film();
  PlayerScript player{vod()};
  player.begins().receives("master.m3u8", {.body = stream.hls_master(), .bytes = {}, .cached = 500_B, .validated = true});
  player.expects_fetch("v720/list.m3u8");
  const RequestDone manifest = player.said<RequestDone>().front();
  EXPECT_EQ(manifest.status, 304);
  EXPECT_FALSE(has_failed(manifest));
  EXPECT_FALSE(is_from_cache(manifest));
  EXPECT_EQ(player.totals().requests, 3u);
}

TEST(PlayerSession, HasAnHttpCacheWhereItsEngineRunsInABrowser) {
  const auto has = [](EngineKind engine) {
    Device with = device();
    with.engine = engine;
    return PlayerSession{vod(with)}.has_http_cache();
  };
  for (const EngineKind engine : {EngineKind::kHlsJs, EngineKind::kDashJs, EngineKind::kShaka, EngineKind::kTvMse})
    EXPECT_TRUE(has(engine)) << to_text(engine);
  for (const EngineKind engine : {EngineKind::kMedia3, EngineKind::kAvPlayer, EngineKind::kTvNative})
    EXPECT_FALSE(has(engine)) << to_text(engine);
}

TEST(PlayerSession, StartsWhenBothTracksArePlayableAfterTheAppendDelay) {
  Device slow = device();
  slow.append_delay = 50ms;
  PlayerScript player{vod(slow)};
  prepared(player, FakeStream::film()).receives("v720/init.mp4").receives("audio/init.mp4");
  player.advances(1s).receives("audio/0.m4s").advances(1s).expects_state(PlayerState::kStarting);
  player.receives("v720/0.m4s").advances(49ms).expects_state(PlayerState::kStarting);
  player.advances(1ms).expects_state(PlayerState::kPlaying);
  EXPECT_EQ(player.totals().startup_time, base::Duration{2050ms});
  EXPECT_EQ(player.said<StartupDone>().size(), 1u);
}

TEST(PlayerSession, WaitsForTheStartBuffer) {
  Device careful = device();
  careful.start_buffer = 3s;
  PlayerScript player{vod(careful)};
  prepared(player, FakeStream::film()).receives("v720/init.mp4").receives("audio/init.mp4");
  player.receives("audio/0.m4s").receives("v720/0.m4s").receives("audio/1.m4s").expects_state(PlayerState::kStarting);
  player.receives("v720/1.m4s").expects_state(PlayerState::kPlaying);
}

TEST(PlayerSession, StallsWhenOneTrackRunsDryThoughTheOtherDoesNot) {
  PlayerScript player{vod()};
  prepared(player, FakeStream::film()).receives("v720/init.mp4").receives("audio/init.mp4");
  player.receives("v720/0.m4s").receives("audio/0.m4s").receives("audio/1.m4s");
  player.advances(2s - 1ns).expects_state(PlayerState::kPlaying);
  player.advances(1ns).expects_state(PlayerState::kStalled);
  EXPECT_EQ(player.said<StallBegan>().size(), 1u);
}

TEST(PlayerSession, MeasuresAStallFromTheInstantTheBufferRanDry) {
  PlayerScript player{vod()};
  prepared(player, FakeStream::film()).receives("v720/init.mp4").receives("audio/init.mp4");
  player.receives("v720/0.m4s").receives("audio/0.m4s").receives("audio/1.m4s");
  player.advances(3500ms).receives("v720/1.m4s").expects_state(PlayerState::kPlaying);
  ASSERT_EQ(player.said<StallEnded>().size(), 1u);
  EXPECT_EQ(player.said<StallEnded>()[0].lasted, base::Duration{1500ms});
  EXPECT_EQ(player.totals().played, base::Duration{2s});
  EXPECT_EQ(player.totals().stalled, base::Duration{1500ms});
}

TEST(PlayerSession, EndsWhenTheContentIsPlayed) {
  FakeStream stream = FakeStream::film();
  PlayerScript player{vod()};
  player.begins().lives(60s, stream.responder()).expects_finish(Ending::kContentEnded);
  EXPECT_EQ(player.totals().played, base::Duration{20s});
  EXPECT_EQ(player.totals().stalls, 0u);
  EXPECT_EQ(player.finished_at() - PlayerScript::kStart, *player.totals().startup_time + 20s);
}

TEST(PlayerSession, PlaysDashVodToItsEnd) {
  FakeStream stream = FakeStream::film();
  PlayerScript player{PlayerScript::config(device(StreamingProtocol::kDash), FakeStream::dash_url(), ContentKind::kVod)};
  player.begins().lives(60s, stream.responder()).expects_finish(Ending::kContentEnded);
  EXPECT_EQ(player.totals().played, base::Duration{20s});
  EXPECT_EQ(player.count_asked("audio/18000.m4s"), 1u);
}

TEST(PlayerSession, LeavesWhenItHasWatchedEnoughWallTime) {
  FakeStream stream = FakeStream::film();
  PlayerConfig config = vod();
  config.watch = 5s;
  PlayerScript player{config};
  player.begins().lives(60s, stream.responder()).expects_finish(Ending::kWatchedEnough);
  EXPECT_EQ(player.totals().played, base::Duration{5s});
}

TEST(PlayerSession, EndsAtOnceWhenStopped) {
  FakeStream stream = FakeStream::film();
  PlayerScript player{vod()};
  player.begins().lives(3s, stream.responder()).stops().expects_finish(Ending::kStopped);
  player.begins().advances(1s);
  EXPECT_EQ(player.finished_at(), PlayerScript::kStart + 3s);
}

TEST(PlayerSession, PausesLoadingAtTheBufferTarget) {
  FakeStream stream = FakeStream::film();
  stream.vod_segments = 100;
  PlayerScript player{vod()};
  player.begins().lives(30s, stream.responder());
  EXPECT_GE(player.status().buffer, 11s);
  EXPECT_LE(player.status().buffer, 14s);
}

TEST(PlayerSession, KeepsToTheScreensHeight) {
  FakeStream stream = FakeStream::film();
  Device phone = device();
  phone.max_height = 480;
  PlayerScript player{vod(phone)};
  player.begins().lives(60s, stream.responder());
  EXPECT_EQ(player.count_asked("v720/list.m3u8"), 0u);
  EXPECT_GT(player.count_asked("v480/0.m4s"), 0u);
}

TEST(PlayerSession, SwitchesDownAfterSlowSegments) {
  FakeStream stream = FakeStream::film();
  stream.rate = 1_Mbps;
  PlayerScript player{vod()};
  player.begins().lives(60s, stream.responder());
  ASSERT_FALSE(player.said<RenditionSwitched>().empty()) << player.steps();
  EXPECT_EQ(player.said<RenditionSwitched>()[0].from, 2500_kbps);
  EXPECT_EQ(player.said<RenditionSwitched>()[0].to, 300_kbps);
  EXPECT_EQ(player.totals().switches, player.said<RenditionSwitched>().size());
}

TEST(PlayerSession, SwitchesUpWhenTheLinkAllowsIt) {
  FakeStream stream = FakeStream::film();
  std::reverse(stream.ladder.begin(), stream.ladder.end());
  PlayerScript player{vod()};
  player.begins().lives(60s, stream.responder());
  ASSERT_EQ(player.said<RenditionSwitched>().size(), 1u) << player.steps();
  EXPECT_EQ(player.said<RenditionSwitched>()[0].to, 2500_kbps);
  EXPECT_EQ(player.count_asked("v720/init.mp4"), 1u);
}

TEST(PlayerSession, JumpsOverAGapInVodWithoutAStall) {
  FakeStream stream = FakeStream::film();
  stream.gaps = {4, 5};
  PlayerScript player{vod()};
  player.begins().lives(60s, stream.responder()).expects_finish(Ending::kContentEnded);
  EXPECT_EQ(player.totals().played, base::Duration{16s});
  EXPECT_EQ(player.totals().stalls, 0u);
  EXPECT_EQ(player.count_asked("v720/4.m4s"), 0u);
}

TEST(PlayerSession, PlaysMuxedContentFromAMediaPlaylistAlone) {
  FakeStream stream = FakeStream::film();
  PlayerScript player{PlayerScript::config(device(), "http://s/v240/list.m3u8", ContentKind::kVod)};
  player.begins().lives(60s, stream.responder()).expects_finish(Ending::kContentEnded);
  EXPECT_EQ(player.totals().played, base::Duration{20s});
  EXPECT_EQ(player.count_asked("v240/list.m3u8"), 1u);
}

TEST(PlayerSession, AsksForByteRanges) {
  PlayerScript player{PlayerScript::config(device(), "http://s/list.m3u8", ContentKind::kVod)};
  player.begins().receives("list.m3u8",
                           {.body = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n#EXT-X-MAP:URI=\"all.mp4\",BYTERANGE=\"700@0\"\n"
                                    "#EXTINF:2,\n#EXT-X-BYTERANGE:1000@700\nall.mp4\n#EXT-X-ENDLIST\n"});
  ASSERT_NE(player.running("all.mp4"), nullptr) << player.steps();
  EXPECT_EQ(player.running("all.mp4")->headers, (std::vector<std::pair<std::string, std::string>>{{"Range", "bytes=0-699"}}));
  player.receives("all.mp4", {.status = 206}).expects_fetch("all.mp4");
  EXPECT_EQ(player.running("all.mp4")->headers[0].second, "bytes=700-1699");
}

TEST(PlayerSession, SumsTheDeclaredBitrateOverWhatIsPlayed) {
  FakeStream stream = FakeStream::film();
  stream.ladder = {{240, 300_kbps}};
  PlayerScript player{vod()};
  player.begins().lives(60s, stream.responder());
  EXPECT_NEAR(player.totals().bitrate_seconds, 300e3 * 20, 1);
  EXPECT_EQ(player.totals().latency_samples, 0u);
}

TEST(PlayerSession, ReportsEveryRequestWithoutItsQuery) {
  FakeStream stream = FakeStream::film();
  PlayerScript player{PlayerScript::config(device(), "http://s/master.m3u8?key=secret", ContentKind::kVod)};
  player.begins().receives("secret", {.body = stream.hls_master(), .bytes = 321_B, .took = 70ms});
  ASSERT_EQ(player.said<RequestDone>().size(), 1u);
  const RequestDone done = player.said<RequestDone>()[0];
  EXPECT_EQ(done.url, "http://s/master.m3u8");
  EXPECT_EQ(done.status, 200);
  EXPECT_EQ(done.bytes, 321_B);
  EXPECT_EQ(done.took, base::Duration{70ms});
}

}  // namespace
}  // namespace harness::test
