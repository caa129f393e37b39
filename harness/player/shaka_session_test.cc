// PlayerSession as Shaka: what the session does because that engine asks for it.
#include "harness/player/fake_stream.h"

namespace harness::test {
namespace {

Device shaka(StreamingProtocol protocol) {
  Device shaka = device(protocol);
  shaka.engine = EngineKind::kShaka;
  shaka.buffer_target = 10s;
  shaka.initial_estimate = 1_Mbps;
  return shaka;
}
PlayerConfig hls(ContentKind content) { return PlayerScript::config(shaka(StreamingProtocol::kHls), FakeStream::hls_url(), content); }
PlayerConfig dash(ContentKind content) { return PlayerScript::config(shaka(StreamingProtocol::kDash), FakeStream::dash_url(), content); }

TEST(ShakaSession, AsksForInitAndFirstSegmentAtOnce) {
  FakeStream stream = FakeStream::film();
  PlayerScript player{dash(ContentKind::kVod)};
  player.with_init_beside_segment().begins().advances(20ms);
  player.receives("manifest.mpd", {.body = stream.dash_manifest(player.now())}).advances(50ms);
  player.expects_fetch("v240/init.mp4").expects_fetch("v240/0.m4s").expects_fetch("audio/init.mp4").expects_fetch("audio/0.m4s");
}

std::vector<Fetch> fetches_of(const std::vector<Command>& commands) {
  std::vector<Fetch> fetches;
  for (const Command& command : commands)
    if (const auto* fetch = std::get_if<Fetch>(&command)) fetches.push_back(*fetch);
  return fetches;
}

// Audio's are due 5 ms before video's; a loop that is late finds all of them due.
TEST(ShakaSession, AsksInTheOrderOfItsTimersHoweverLateItIsWoken) {
  FakeStream stream = FakeStream::film();
  PlayerSession session{dash(ContentKind::kVod)};
  base::Instant now = PlayerScript::kStart;
  session.on(now, Begin{});
  const std::vector<Fetch> manifest = fetches_of(session.on(now += 20ms, Woken{}));
  ASSERT_EQ(manifest.size(), 1u);
  const std::string body = stream.dash_manifest(now);
  session.on(now += 20ms, Answered{.id = manifest[0].id, .status = 200, .body = body, .bytes = 5000_B, .ttfb = 10ms, .took = 20ms});
  std::vector<std::string> asked;
  for (int i = 0; i < 2; ++i)
    for (const Fetch& fetch : fetches_of(session.on(now += 500ms, Woken{}))) asked.push_back(fetch.url->substr(sizeof("http://s")));
  EXPECT_EQ(asked, (std::vector<std::string>{"audio/init.mp4", "audio/0.m4s", "v240/init.mp4", "v240/0.m4s"}));
}

// Progress that changes nothing for the engine is passed over, but not what time has brought about meanwhile.
TEST(ShakaSession, StartsThoughProgressComesBeforeALateWakeUp) {
  FakeStream stream = FakeStream::film();
  PlayerSession session{dash(ContentKind::kVod)};
  base::Instant now = PlayerScript::kStart;
  session.on(now, Begin{});
  std::vector<Fetch> asked = fetches_of(session.on(now += 20ms, Woken{}));
  const std::string body = stream.dash_manifest(now);
  session.on(now += 20ms, Answered{.id = asked.at(0).id, .status = 200, .body = body, .bytes = 5000_B, .ttfb = 10ms, .took = 20ms});
  asked = fetches_of(session.on(now += 500ms, Woken{}));
  ASSERT_EQ(asked.size(), 4u);
  for (const Fetch& fetch : asked) session.on(now, Answered{.id = fetch.id, .status = 200, .bytes = 9000_B, .ttfb = 10ms, .took = 20ms});
  ASSERT_FALSE(session.totals(now).startup_time);
  const std::vector<Command> commands = session.on(now += 1s, Progress{.id = RequestId{999}, .received = 1_B});
  const auto has_started = [](const Command& command) {
    const auto* note = std::get_if<Note>(&command);
    return note != nullptr && std::holds_alternative<StartupDone>(note->what);
  };
  EXPECT_TRUE(std::any_of(commands.begin(), commands.end(), has_started));
}

TEST(ShakaSession, PlaysDashAndHlsToTheirEnd) {
  for (const PlayerConfig& config : {dash(ContentKind::kVod), hls(ContentKind::kVod)}) {
    FakeStream stream = FakeStream::film();
    PlayerScript player{config};
    player.with_init_beside_segment().begins().lives(40s, stream.responder()).expects_finish(Ending::kContentEnded);
    EXPECT_EQ(player.totals().stalls, 0u) << player.steps();
  }
}

TEST(ShakaSession, PlaysLiveWithoutAStallForAMinute) {
  for (const PlayerConfig& config : {dash(ContentKind::kLive), hls(ContentKind::kLive)}) {
    FakeStream stream;
    PlayerScript player{config};
    player.with_init_beside_segment().begins().lives(60s, stream.responder()).expects_state(PlayerState::kPlaying);
    EXPECT_EQ(player.totals().stalls, 0u) << player.steps();
  }
}

// 42 to 49 are listed: the middle one, the one at three quarters, the one at a quarter. 43 and 45 are too old to be played.
TEST(ShakaSession, LooksIntoThreeSegmentsBeforeLiveHlsStarts) {
  FakeStream stream;
  PlayerScript player{hls(ContentKind::kLive)};
  player.with_init_beside_segment().begins().lives(5s, stream.responder());
  for (const char* looked_at : {"v240/45.m4s", "v240/47.m4s", "v240/43.m4s"}) EXPECT_GE(player.count_asked(looked_at), 1u) << looked_at;
  EXPECT_EQ(player.count_asked("v240/44.m4s"), 0u);
  EXPECT_EQ(player.count_asked("audio/46.m4s"), 1u) << "the segment 2 s before the playhead is loaded too\n" << player.steps();
}

TEST(ShakaSession, ReloadsLivePlaylistsTogetherWhetherTheyChangeOrNot) {
  FakeStream stream;
  stream.frozen_at = PlayerScript::kStart;
  PlayerScript player{hls(ContentKind::kLive)};
  player.with_init_beside_segment().begins().lives(20s, stream.responder());
  EXPECT_NEAR(static_cast<double>(player.count_asked("audio/list.m3u8")), 10, 1) << player.steps();
}

TEST(ShakaSession, FetchesTheInitAgainAfterASwitchBack) {
  FakeStream stream = FakeStream::film(60);
  PlayerScript player{dash(ContentKind::kVod)};
  player.with_init_beside_segment().begins().lives(20s, stream.responder());
  EXPECT_EQ(player.count_asked("v720/init.mp4"), 1u) << player.steps();
  stream.rate = 600_kbps;
  player.lives(30s, stream.responder());
  EXPECT_EQ(player.count_asked("v240/init.mp4"), 2u) << player.steps();
}

// Though the player plays and nothing but progress has come.
TEST(ShakaSession, LeavesASegmentAtTheProgressThatShowsHowSlowItIs) {
  FakeStream stream = FakeStream::film(60);
  PlayerScript player{dash(ContentKind::kVod)};
  player.with_init_beside_segment().begins().lives(10s, stream.responder());
  stream.rate = 100_kbps;
  player.lives(4s, stream.responder()).expects_state(PlayerState::kPlaying);
  const Fetch* slow = player.running(".m4s");
  ASSERT_NE(slow, nullptr) << player.steps();
  const std::string url = *slow->url;
  ASSERT_NE(url.find("v720/"), std::string::npos) << player.steps();
  player.progresses(url, 40'000_B, 625'000_B).advances(3s);
  EXPECT_NE(player.running(url), nullptr) << "eight seconds since it chose are not over\n" << player.steps();
  player.progresses(url, 60'000_B, 625'000_B);
  EXPECT_EQ(player.running(url), nullptr) << player.steps();
}

}  // namespace
}  // namespace harness::test
