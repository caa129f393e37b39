// PlayerSession with the engine that emulates Media3: media that plays as it arrives, silent requests, and in which order playlists and
// inits are asked for.
#include "harness/player/fake_stream.h"

namespace harness::test {
namespace {

Device media3(StreamingProtocol protocol = StreamingProtocol::kHls) {
  Device with = device(protocol);
  with.engine = EngineKind::kMedia3;
  with.buffer_target = 50s;
  with.initial_estimate = 1_Mbps;
  return with;
}

PlayerConfig media3_stream(ContentKind content = ContentKind::kVod, StreamingProtocol protocol = StreamingProtocol::kHls) {
  const std::string url = protocol == StreamingProtocol::kHls ? FakeStream::hls_url() : FakeStream::dash_url();
  return PlayerScript::config(media3(protocol), url, content);
}

// Up to the first segments' requests, all at the same instant; the lowest rendition fits 0.7 of the prior.
PlayerScript& asks_for_media(PlayerScript& player, const FakeStream& stream) {
  player.begins().receives("master.m3u8", {.body = stream.hls_master()});
  player.receives("v720/list.m3u8", {.body = stream.hls_playlist(player.now())});
  player.receives("v240/list.m3u8", {.body = stream.hls_playlist(player.now())});
  player.receives("audio/list.m3u8", {.body = stream.hls_playlist(player.now())});
  return player.receives("v240/init.mp4").receives("audio/init.mp4");
}

TEST(Media3Session, StartsInsideTheFirstSegment) {
  const FakeStream stream = FakeStream::film();
  PlayerScript player{media3_stream()};
  asks_for_media(player, stream).progresses("v240/0.m4s", 400_B, 1000_B).progresses("audio/0.m4s", 900_B, 1000_B);
  player.expects_state(PlayerState::kStarting);
  player.advances(100ms).progresses("v240/0.m4s", 500_B, 1000_B).expects_state(PlayerState::kPlaying);
  EXPECT_EQ(player.totals().startup_time, base::Duration{100ms});
}

TEST(Media3Session, PlaysNoMoreThanHasArrived) {
  const FakeStream stream = FakeStream::film();
  PlayerScript player{media3_stream()};
  asks_for_media(player, stream).progresses("v240/0.m4s", 600_B, 1000_B).progresses("audio/0.m4s", 1000_B, 1000_B);
  player.advances(3s).expects_state(PlayerState::kStalled);
  EXPECT_EQ(player.totals().played, base::Duration{1200ms});
  player.receives("v240/0.m4s").expects_state(PlayerState::kStalled);  // two seconds are needed to go on
}

TEST(Media3Session, PlaysWhatGrewWhileNothingElseHappened) {
  const FakeStream stream = FakeStream::film();
  PlayerScript player{media3_stream()};
  asks_for_media(player, stream).receives("v240/0.m4s").receives("audio/0.m4s").expects_state(PlayerState::kPlaying);
  const base::Duration before = player.totals().played;
  player.progresses("v240/1.m4s", 100_B, 1000_B).progresses("audio/1.m4s", 100_B, 1000_B);
  player.advances(100ms).progresses("v240/1.m4s", 300_B, 1000_B).progresses("audio/1.m4s", 300_B, 1000_B);
  player.advances(100ms).progresses("v240/1.m4s", 500_B, 1000_B).progresses("audio/1.m4s", 500_B, 1000_B);
  const base::Duration buffer = player.status().buffer;
  EXPECT_EQ(before + 200ms + buffer, base::Duration{3s});  // a segment and a half
  player.advances(buffer - 100ms).expects_state(PlayerState::kPlaying);
  player.advances(200ms).expects_state(PlayerState::kStalled);
  EXPECT_EQ(player.totals().played, base::Duration{3s});
}

TEST(Media3Session, LeavesABodyOfUnknownSizeUntilItIsComplete) {
  const FakeStream stream = FakeStream::film();
  PlayerScript player{media3_stream()};
  asks_for_media(player, stream).progresses("v240/0.m4s", 900_B, 0_B).progresses("audio/0.m4s", 900_B, 1000_B);
  player.expects_state(PlayerState::kStarting).receives("v240/0.m4s").expects_state(PlayerState::kPlaying);
}

TEST(Media3Session, AsksForTheAudioPlaylistAfterTheFirstVideoPlaylist) {
  const FakeStream stream = FakeStream::film();
  PlayerScript player{media3_stream()};
  player.begins().receives("master.m3u8", {.body = stream.hls_master()}).expects_no_fetch("audio/list.m3u8");
  player.receives("v720/list.m3u8", {.body = stream.hls_playlist(player.now())}).expects_fetch("audio/list.m3u8");
}

TEST(Media3Session, GivesUpARequestThatFallsSilent) {
  const FakeStream stream = FakeStream::film();
  PlayerScript player{media3_stream()};
  asks_for_media(player, stream).advances(5s).progresses("v240/0.m4s", 100_B, 1000_B);
  player.advances(7900ms);
  EXPECT_EQ(player.count_asked("v240/0.m4s"), 1u);
  player.progresses("v240/0.m4s", 100_B, 1000_B).advances(200ms);  // nothing new
  EXPECT_EQ(player.count_asked("v240/0.m4s"), 2u) << player.steps();
  EXPECT_EQ(player.said<RequestDone>().back().failure, kTimedOut);
}

TEST(Media3Session, StartsLiveAtTheStartOfASegment) {
  FakeStream stream;
  PlayerScript player{media3_stream(ContentKind::kLive)};
  player.begins().lives(10s, stream.responder()).expects_state(PlayerState::kPlaying);
  EXPECT_EQ(player.count_asked("v240/47.m4s"), 1u) << player.steps();  // 94 s; the playlist ends at 100 s
  const PlayerTotals totals = player.totals();
  const double behind = base::to_seconds(*totals.startup_time) + 6;
  EXPECT_NEAR(totals.latency_seconds_sum / totals.latency_samples, behind, 0.01);
}

TEST(Media3Session, AsksForTheChosenAndTheAudioPlaylistAtOnceInLiveStreamsToo) {
  FakeStream stream;
  PlayerScript player{media3_stream(ContentKind::kLive)};
  player.begins().receives("master.m3u8", {.body = stream.hls_master()});
  player.receives("v720/list.m3u8", {.body = stream.hls_playlist(player.now())});
  player.expects_fetch("v240/list.m3u8").expects_fetch("audio/list.m3u8");
}

// HOLD-BACK of 6 s, a start on the segment 8 s behind: it plays faster until it is where it should be.
TEST(Media3Session, CatchesUpWhereTheStreamNamesItsDelay) {
  FakeStream stream;
  PlayerScript player{media3_stream(ContentKind::kLive)};
  const auto with_hold_back = [&](base::Instant now, const Fetch& fetch) {
    Reply reply = stream(now, fetch);
    if (const auto at = reply.body.find("#EXTINF"); at != std::string::npos) reply.body.insert(at, "#EXT-X-SERVER-CONTROL:HOLD-BACK=7.0\n");
    return reply;
  };
  player.begins().lives(60s, with_hold_back).expects_state(PlayerState::kPlaying);
  const PlayerTotals early = player.totals();
  player.lives(60s, with_hold_back);
  const PlayerTotals late = player.totals();
  const double seconds = late.latency_samples - early.latency_samples;
  EXPECT_NEAR((late.latency_seconds_sum - early.latency_seconds_sum) / seconds, 7.0, 0.2) << player.steps();
  EXPECT_GT(early.latency_seconds_sum / early.latency_samples, 7.2);
  EXPECT_EQ(late.stalls, 0u);
}

TEST(Media3Session, FetchesAnInitAgainWhenItComesBackToARendition) {
  FakeStream stream = FakeStream::film();
  stream.vod_segments = 60;
  PlayerScript player{media3_stream()};
  player.begins().lives(20s, stream.responder());
  EXPECT_EQ(player.count_asked("v720/init.mp4"), 1u) << player.steps();
  stream.rate = 1_Mbps;
  player.lives(60s, stream.responder());
  EXPECT_EQ(player.count_asked("v240/init.mp4"), 2u) << player.steps();
}

TEST(Media3Session, PlaysAFilmToItsEndInBothProtocols) {
  for (const StreamingProtocol protocol : {StreamingProtocol::kHls, StreamingProtocol::kDash}) {
    FakeStream stream = FakeStream::film();
    PlayerScript player{media3_stream(ContentKind::kVod, protocol)};
    player.begins().lives(30s, stream.responder()).expects_finish(Ending::kContentEnded);
    EXPECT_EQ(player.totals().stalls, 0u) << player.steps();
    EXPECT_EQ(player.totals().played, base::Duration{20s});
  }
}

TEST(Media3Session, LeavesARenditionThatIsMissing) {
  FakeStream stream = FakeStream::film();
  stream.missing = {"v240/0.m4s"};
  PlayerScript player{media3_stream()};
  player.begins().lives(30s, stream.responder()).expects_finish(Ending::kContentEnded);
  EXPECT_EQ(player.count_asked("v240/0.m4s"), 1u) << player.steps();
  EXPECT_EQ(player.totals().failed_requests, 1u);
}

TEST(Media3Session, LeavesARenditionWhosePlaylistIsMissing) {
  FakeStream stream = FakeStream::film();
  stream.missing = {"v240/list.m3u8"};
  PlayerScript player{media3_stream()};
  player.begins().lives(30s, stream.responder()).expects_finish(Ending::kContentEnded);
  EXPECT_EQ(player.count_asked("v240/list.m3u8"), 1u) << player.steps();
}

TEST(Media3Session, TriesFourTimesWhereThereIsNoOther) {
  FakeStream stream = FakeStream::film();
  stream.missing = {"audio/0.m4s"};
  PlayerScript player{media3_stream()};
  player.begins().lives(30s, stream.responder()).expects_finish(Ending::kFailed, "gave up after 4 tries");
}

}  // namespace
}  // namespace harness::test
