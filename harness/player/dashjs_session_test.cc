// PlayerSession as dash.js: what the session does because that engine asks for it.
#include "harness/player/fake_stream.h"

namespace harness::test {
namespace {

Device dashjs() {
  Device dashjs = device(StreamingProtocol::kDash);
  dashjs.engine = EngineKind::kDashJs;
  dashjs.buffer_target = 18s;
  dashjs.initial_estimate = 1_Mbps;
  return dashjs;
}
PlayerConfig dashjs_stream(ContentKind content) { return PlayerScript::config(dashjs(), FakeStream::dash_url(), content); }

FakeStream film() {
  FakeStream stream = FakeStream::film();
  return stream;
}

TEST(DashJsSession, PlaysVodToItsEnd) {
  FakeStream stream = film();
  PlayerScript player{dashjs_stream(ContentKind::kVod)};
  player.begins().lives(30s, stream.responder()).expects_finish(Ending::kContentEnded);
  EXPECT_EQ(player.totals().stalls, 0u) << player.steps();
}

TEST(DashJsSession, PlaysLiveWithoutAStallForAMinute) {
  FakeStream stream;
  PlayerScript player{dashjs_stream(ContentKind::kLive)};
  player.begins().lives(60s, stream.responder()).expects_state(PlayerState::kPlaying);
  EXPECT_EQ(player.totals().stalls, 0u) << player.steps();
}

TEST(DashJsSession, ReplacesTheFirstSegmentByABetterOne) {
  FakeStream stream = film();
  PlayerScript player{dashjs_stream(ContentKind::kVod)};
  player.begins().lives(2s, stream.responder());
  EXPECT_EQ(player.count_asked("v240/0.m4s"), 1u) << player.steps();
  EXPECT_EQ(player.count_asked("v720/0.m4s"), 1u) << player.steps();
}

// The link falls from 10 to 1 Mbit/s, and rises again.
TEST(DashJsSession, AsksForAnInitAgainWithEachChangeOfRendition) {
  FakeStream stream = film();
  stream.vod_segments = 60;
  PlayerScript player{dashjs_stream(ContentKind::kVod)};
  player.begins().lives(2s, stream.responder());
  EXPECT_EQ(player.count_asked("v240/init.mp4"), 1u) << player.steps();
  stream.rate = 1_Mbps;
  player.lives(30s, stream.responder());
  EXPECT_GE(player.count_asked("v240/init.mp4"), 2u) << player.steps();
  EXPECT_EQ(player.count_asked("audio/init.mp4"), 1u) << player.steps();
}

// After the first inits video takes 10 ms, audio 5.8; a request leaves 1.8 ms after its call.
TEST(DashJsSession, TakesItsTimeFromTheFirstInitToItsSegment) {
  const FakeStream stream = film();
  PlayerScript player{dashjs_stream(ContentKind::kVod)};
  player.begins().advances(30ms).receives("manifest.mpd", {.body = stream.dash_manifest(player.now())}).advances(50ms);
  player.receives("v240/init.mp4").receives("audio/init.mp4");
  player.advances(7ms).expects_no_fetch("audio/0.m4s").advances(1ms).expects_fetch("audio/0.m4s").expects_no_fetch("v240/0.m4s");
  player.advances(4ms).expects_fetch("v240/0.m4s");
}

TEST(DashJsSession, AsksForTheManifestAgainAPeriodAfterItsArrival) {
  const FakeStream stream;
  PlayerScript player{dashjs_stream(ContentKind::kLive)};
  player.begins().advances(30ms).advances(400ms).receives("manifest.mpd", {.body = stream.dash_manifest(player.now())});
  player.advances(1990ms).expects_no_fetch("manifest.mpd").advances(20ms).expects_fetch("manifest.mpd");
}

TEST(DashJsSession, FailsAfterFourTries) {
  FakeStream stream = film();
  stream.missing = {"v240/4000.m4s", "v480/4000.m4s", "v720/4000.m4s"};
  PlayerScript player{dashjs_stream(ContentKind::kVod)};
  player.begins().lives(20s, stream.responder()).expects_finish(Ending::kFailed, "gave up after 4 tries");
  EXPECT_EQ(player.count_asked("/4000.m4s") - player.count_asked("audio/4000.m4s"), 4u) << player.steps();
}

}  // namespace
}  // namespace harness::test
