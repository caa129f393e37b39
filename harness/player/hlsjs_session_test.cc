// PlayerSession as hls.js: what the session does because that engine asks for it.
#include "harness/player/fake_stream.h"

namespace harness::test {
namespace {

Device hlsjs() {
  Device hlsjs = device();
  hlsjs.engine = EngineKind::kHlsJs;
  hlsjs.buffer_target = 30s;
  return hlsjs;
}
PlayerConfig config_of(ContentKind content) { return PlayerScript::config(hlsjs(), FakeStream::hls_url(), content); }

TEST(HlsJsSession, AsksForInitAndFirstSegmentAtOnce) {
  const FakeStream stream = FakeStream::film();
  PlayerScript player{config_of(ContentKind::kVod)};
  player.with_init_beside_segment().begins().advances(5ms).receives("master.m3u8", {.body = stream.hls_master()}).advances(20ms);
  player.receives("v720/list.m3u8", {.body = stream.hls_playlist(player.now())}).advances(20ms);
  player.expects_fetch("v720/init.mp4").expects_fetch("v720/0.m4s");
}

TEST(HlsJsSession, PlaysVodToItsEnd) {
  FakeStream stream = FakeStream::film();
  PlayerScript player{config_of(ContentKind::kVod)};
  player.with_init_beside_segment().begins().lives(30s, stream.responder()).expects_finish(Ending::kContentEnded);
  EXPECT_EQ(player.totals().stalls, 0u) << player.steps();
}

TEST(HlsJsSession, PlaysLiveWithoutAStallForAMinute) {
  FakeStream stream;
  PlayerScript player{config_of(ContentKind::kLive)};
  player.with_init_beside_segment().begins().lives(60s, stream.responder()).expects_state(PlayerState::kPlaying);
  EXPECT_EQ(player.totals().stalls, 0u) << player.steps();
}

TEST(HlsJsSession, StartsLiveVideoBeforeAudioIsListed) {
  const FakeStream stream;
  PlayerScript player{config_of(ContentKind::kLive)};
  player.with_init_beside_segment().begins().advances(5ms).receives("master.m3u8", {.body = stream.hls_master()}).advances(20ms);
  player.receives("v720/list.m3u8", {.body = stream.hls_playlist(player.now())}).advances(20ms);
  player.expects_fetch("v720/47.m4s");
}

TEST(HlsJsSession, AsksForNoLiveAudioBeforeVideoHasTheTime) {
  FakeStream stream;
  PlayerScript player{config_of(ContentKind::kLive)};
  player.with_init_beside_segment().begins().lives(150ms, stream.responder());
  player.expects_fetch("v720/47.m4s");
  EXPECT_EQ(player.count_asked("audio/47.m4s"), 0u);
  player.lives(2s, stream.responder());
  EXPECT_EQ(player.count_asked("audio/47.m4s"), 1u) << player.steps();
}

TEST(HlsJsSession, GoesOnWithAnotherRenditionWhenAPlaylistIsMissing) {
  FakeStream stream = FakeStream::film();
  stream.ladder = {{480, 1100_kbps}, {720, 2500_kbps}, {240, 300_kbps}};
  stream.missing = {"v720/list.m3u8"};
  stream.vod_segments = 3;
  PlayerScript player{config_of(ContentKind::kVod)};
  player.with_init_beside_segment().begins().lives(20s, stream.responder());
  EXPECT_GE(player.count_asked("v720/list.m3u8"), 1u) << "it stepped up";
  player.expects_finish(Ending::kContentEnded);
}

TEST(HlsJsSession, StartsWithAnotherRenditionWhenTheFirstPlaylistIsMissing) {
  FakeStream stream = FakeStream::film();
  stream.missing = {"v720/list.m3u8"};
  PlayerScript player{config_of(ContentKind::kVod)};
  player.with_init_beside_segment().begins().lives(30s, stream.responder()).expects_finish(Ending::kContentEnded);
  EXPECT_EQ(player.count_asked("v720/list.m3u8"), 1u) << player.steps();
}

TEST(HlsJsSession, GivesUpAfterThreeTriesForTheAudioPlaylist) {
  FakeStream stream = FakeStream::film();
  stream.missing = {"audio/list.m3u8"};
  PlayerScript player{config_of(ContentKind::kVod)};
  player.with_init_beside_segment().begins().lives(30s, stream.responder()).expects_finish(Ending::kFailed, "after 3 tries");
  EXPECT_EQ(player.count_asked("audio/list.m3u8"), 3u) << player.steps();
}

TEST(HlsJsSession, LeavesALevelWhoseSegmentIsMissing) {
  FakeStream stream = FakeStream::film();
  stream.missing = {"v720/3.m4s"};
  PlayerScript player{config_of(ContentKind::kVod)};
  player.with_init_beside_segment().begins().lives(30s, stream.responder()).expects_finish(Ending::kContentEnded);
  EXPECT_EQ(player.count_asked("v720/3.m4s"), 1u) << player.steps();
  EXPECT_EQ(player.count_asked("v480/3.m4s"), 1u);
}

TEST(HlsJsSession, StartsAtAnotherLevelWhenTheFirstSegmentIsMissing) {
  FakeStream stream = FakeStream::film();
  stream.missing = {"v720/0.m4s"};
  PlayerScript player{config_of(ContentKind::kVod)};
  player.with_init_beside_segment().begins().lives(30s, stream.responder()).expects_finish(Ending::kContentEnded);
  EXPECT_EQ(player.count_asked("v720/0.m4s"), 1u) << player.steps();
}

TEST(HlsJsSession, LeavesAHoleWhereNoLevelHasTheLiveSegment) {
  FakeStream stream;
  stream.missing = {"v720/55.m4s", "v480/55.m4s", "v240/55.m4s"};
  PlayerScript player{config_of(ContentKind::kLive)};
  player.with_init_beside_segment().begins().lives(30s, stream.responder()).expects_state(PlayerState::kPlaying);
  EXPECT_GE(player.count_asked("/56.m4s"), 2u) << player.steps();
}

TEST(HlsJsSession, AsksAgainAfterAServerError) {
  FakeStream stream = FakeStream::film();
  PlayerScript player{config_of(ContentKind::kVod)};
  player.with_init_beside_segment().begins().lives(1s, stream.responder());
  stream.fault = Reply{.status = 503, .took = 20ms};
  player.lives(2s, stream.responder());
  stream.fault.reset();
  player.lives(30s, stream.responder()).expects_finish(Ending::kContentEnded);
}

TEST(HlsJsSession, WaitsTenSecondsForAFirstByte) {
  FakeStream stream = FakeStream::film();
  PlayerScript player{config_of(ContentKind::kVod)};
  player.with_init_beside_segment().begins().lives(660ms, stream.responder()).expects_fetch("audio/1.m4s");
  player.advances(9900ms);
  EXPECT_EQ(player.count_asked("audio/1.m4s"), 1u) << player.steps();
  player.advances(300ms);
  EXPECT_EQ(player.count_asked("audio/1.m4s"), 2u) << player.steps();
}

// 720p comes at 0.8 Mbit/s: 4 of its 5 Mbit are missing when 0.9 s are left to play. 240p is not listed yet.
TEST(HlsJsSession, LeavesASlowSegmentOnceTheLowerPlaylistIsHere) {
  FakeStream stream = FakeStream::film();
  PlayerScript player{config_of(ContentKind::kVod)};
  player.with_init_beside_segment().begins().lives(700ms, stream.responder());
  for (int i = 1; i <= 12; ++i) player.advances(100ms).progresses("v720/1.m4s", base::ByteCount::bytes(10'000 * i), 625'000_B);
  player.expects_fetch("v240/list.m3u8").expects_fetch("v720/1.m4s");
  player.receives("v240/list.m3u8", {.body = stream.hls_playlist(player.now())});
  player.expects_no_fetch("v720/1.m4s").advances(20ms).expects_fetch("v240/init.mp4").expects_fetch("v240/1.m4s");
}

}  // namespace
}  // namespace harness::test
