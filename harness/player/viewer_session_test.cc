// PlayerSession and what its viewer does: leaving before the start, seeking, pausing, hiding the page.
#include "base/random.h"
#include "harness/player/fake_stream.h"

namespace harness::test {
namespace {

// Segments of 2 s that arrive at once, so that instants are round: the first frame is at 0 s.
struct ViewerSession : testing::Test {
  FakeStream stream;
  ViewerSession() {
    stream.live = false;
    stream.vod_segments = 50;
    stream.rtt = 0s;
    stream.rate = 1'000'000_Mbps;
  }
  static PlayerConfig config(std::vector<TimedAction> actions, ContentKind kind = ContentKind::kVod) {
    PlayerConfig config = PlayerScript::config(device(), FakeStream::hls_url(), kind);
    config.actions = std::move(actions);
    return config;
  }
};

TEST_F(ViewerSession, LeavesWhenPatienceRunsOutBeforeTheFirstFrame) {
  stream.rtt = 3s;
  PlayerConfig impatient = config({});
  impatient.patience = 5s;
  PlayerScript player{impatient};
  player.begins().lives(60s, stream.responder()).expects_finish(Ending::kLeftBeforeStart);
  EXPECT_EQ(player.finished_at(), PlayerScript::kStart + 5s);
  EXPECT_FALSE(player.totals().startup_time);
  EXPECT_EQ(player.totals().failed_requests, 0u);
}

TEST_F(ViewerSession, StaysOnceTheFirstFrameIsThere) {
  PlayerConfig impatient = config({});
  impatient.patience = 1ms;
  PlayerScript player{impatient};
  player.begins().lives(110s, stream.responder()).expects_finish(Ending::kContentEnded);
}

TEST_F(ViewerSession, GoesOnAtOnceWhereTheTargetIsBuffered) {
  PlayerScript player{config({{5s, SeekBy{6s}}})};
  player.begins().lives(4999ms, stream.responder());
  EXPECT_EQ(player.count_asked("v720/9.m4s"), 0u);
  player.lives(2ms, stream.responder()).expects_state(PlayerState::kPlaying);
  ASSERT_EQ(player.said<SeekEnded>().size(), 1u) << player.steps();
  EXPECT_EQ(player.said<SeekEnded>()[0].lasted, 0s);
  player.lives(110s, stream.responder()).expects_finish(Ending::kContentEnded);
  EXPECT_EQ(player.totals().played, base::Duration{94s});
  EXPECT_EQ(player.totals().stalled + player.totals().seeking, 0s);
  for (const char* segment : {"v720/4.m4s", "v720/5.m4s", "v720/9.m4s"}) EXPECT_EQ(player.count_asked(segment), 1u) << segment;
}

TEST_F(ViewerSession, LoadsAnewWhatIsNotBufferedAndCallsTheWaitSeeking) {
  PlayerScript player{config({{5s, SeekTo{0.5}}})};
  player.begins().lives(5s - 1ns, stream.responder());
  stream.rtt = 700ms;
  player.lives(1ns + 699ms, stream.responder()).expects_state(PlayerState::kStarting).expects_fetch("v720/25.m4s");
  player.lives(2s, stream.responder()).expects_state(PlayerState::kPlaying);
  ASSERT_EQ(player.said<SeekEnded>().size(), 1u);
  EXPECT_EQ(player.said<SeekEnded>()[0].lasted, base::Duration{700ms} + 2500_kbps * 2s / 1'000'000_Mbps);
  EXPECT_EQ(player.totals().seeking, player.said<SeekEnded>()[0].lasted);
  EXPECT_EQ(player.totals().stalls + player.totals().switches, 0u);
  EXPECT_EQ(player.said<StartupDone>().size(), 1u);
}

TEST_F(ViewerSession, StaysUntilItHasWatchedEnoughOnceItHasNothingElseInMind) {
  PlayerConfig watching = config({{5s, SeekBy{6s}}});
  watching.watch = 40s;
  PlayerSession session{watching};
  EXPECT_EQ(session.stays_until(PlayerScript::kStart), std::nullopt);
  PlayerScript player{watching};
  player.begins().lives(4s, stream.responder());
  EXPECT_EQ(player.stays_until(), std::nullopt);
  player.lives(2s, stream.responder());
  EXPECT_EQ(player.stays_until(), PlayerScript::kStart + *player.totals().startup_time + 40s);
  player.lives(50s, stream.responder()).expects_finish(Ending::kWatchedEnough);
  EXPECT_EQ(player.stays_until(), std::nullopt);
}

TEST_F(ViewerSession, StaysForGoodWhereNothingElseIsSaid) {
  PlayerScript player{config({})};
  player.begins().lives(4s, stream.responder());
  EXPECT_EQ(player.stays_until(), base::Instant::max());
}

TEST_F(ViewerSession, AbortsTheMediaRequestsThatASeekMakesUseless) {
  PlayerScript player{config({{3s, SeekTo{0.5}}})};
  const auto never = [](base::Instant, const Fetch&) { return Reply{.took = 1h}; };
  player.begins().lives(1500ms, stream.responder()).lives(1s, never).expects_fetch("v720/7.m4s").expects_fetch("audio/7.m4s");
  player.lives(1s, never).expects_no_fetch("v720/7.m4s").expects_fetch("v720/25.m4s").expects_fetch("audio/25.m4s");
  EXPECT_EQ(player.totals().failed_requests, 0u);
}

TEST_F(ViewerSession, TakesASeekDuringTheWaitForAnotherAsOne) {
  PlayerScript player{config({{5s, SeekTo{0.5}}, {5400ms, SeekTo{0.75}}})};
  player.begins().lives(5s - 1ns, stream.responder());
  stream.rtt = 1s;
  player.lives(3s, stream.responder()).expects_state(PlayerState::kPlaying);
  ASSERT_EQ(player.said<SeekEnded>().size(), 1u) << player.steps();
  EXPECT_EQ(player.said<SeekBegan>().size(), 1u);
  EXPECT_NEAR(base::to_seconds(player.said<SeekEnded>()[0].lasted), 1.4, 1e-4);
}

TEST_F(ViewerSession, EndsAStallWithASeek) {
  PlayerScript player{config({{20s, SeekTo{0.5}}})};
  const auto only_far = [this](base::Instant now, const Fetch& fetch) {
    return ends_with(fetch.url, "25.m4s") ? stream(now, fetch) : Reply{.took = 1h};
  };
  player.begins().lives(1ms, stream.responder()).lives(19s, only_far).expects_state(PlayerState::kStalled);
  player.lives(1100ms, only_far).expects_state(PlayerState::kPlaying);
  ASSERT_EQ(player.said<StallEnded>().size(), 1u) << player.steps();
  EXPECT_EQ(player.said<StallEnded>()[0].lasted, base::Duration{6s}) << "14 s were buffered";
  EXPECT_EQ(player.totals().stalled, base::Duration{6s});
  EXPECT_EQ(player.totals().stalls, 1u);
}

TEST_F(ViewerSession, NeitherPlaysNorStallsWhilePaused) {
  PlayerScript player{config({{5s, PausePlay{}}, {35s, ResumePlay{}}})};
  player.begins().lives(20s, stream.responder()).expects_state(PlayerState::kPaused);
  EXPECT_EQ(player.totals().played, base::Duration{5s});
  EXPECT_EQ(player.totals().paused, base::Duration{15s} - *player.totals().startup_time);
  player.lives(111s, stream.responder()).expects_finish(Ending::kContentEnded);
  EXPECT_EQ(player.totals().paused, base::Duration{30s});
  EXPECT_EQ(player.totals().played, base::Duration{100s});
  EXPECT_EQ(player.totals().stalled, 0s);
  EXPECT_EQ(player.said<Resumed>().at(0).lasted, base::Duration{30s});
}

TEST_F(ViewerSession, LoadsOnToTheBufferTargetWhilePaused) {
  stream.rate = 4_Mbps;
  PlayerScript player{config({{1s, PausePlay{}}})};
  player.begins().lives(60s, stream.responder()).expects_state(PlayerState::kPaused);
  EXPECT_GE(player.status().buffer, 12s);
  EXPECT_LE(player.status().buffer, 14s);
}

TEST_F(ViewerSession, PlaysAtOnceAfterAPauseInTheWaitForASeek) {
  PlayerScript player{config({{5s, SeekTo{0.5}}, {5250ms, PausePlay{}}, {10s, ResumePlay{}}})};
  player.begins().lives(5s - 1ns, stream.responder());
  stream.rtt = 1s;
  player.lives(6s, stream.responder()).expects_state(PlayerState::kPlaying);
  ASSERT_EQ(player.said<SeekEnded>().size(), 1u);
  EXPECT_EQ(player.said<SeekEnded>()[0].lasted, base::Duration{250ms});
  EXPECT_EQ(player.totals().paused, base::Duration{4750ms});
  EXPECT_EQ(player.totals().seeking, base::Duration{250ms});
}

TEST_F(ViewerSession, LeavesFromAPauseWhenItsTimeIsOver) {
  PlayerConfig brief = config({{5s, PausePlay{}}});
  brief.watch = 12s;
  PlayerScript player{brief};
  player.begins().lives(60s, stream.responder()).expects_finish(Ending::kWatchedEnough);
  EXPECT_EQ(player.totals().played, base::Duration{5s});
  EXPECT_EQ(player.totals().paused, base::Duration{7s});
}

TEST_F(ViewerSession, SeeksInsideTheLiveWindow) {
  stream.live = true;
  stream.window = 30;
  PlayerScript player{config({{10s, SeekTo{0}}, {20s, SeekTo{1}}}, ContentKind::kLive)};
  player.begins().lives(10100ms, stream.responder()).expects_state(PlayerState::kPlaying);
  EXPECT_EQ(player.count_asked("v720/26.m4s"), 1u) << "the window begins with 25; a segment is kept from it\n" << player.steps();
  player.lives(15s, stream.responder()).expects_state(PlayerState::kPlaying);
  EXPECT_EQ(player.count_asked("v720/57.m4s"), 1u) << player.steps();
  EXPECT_EQ(player.totals().stalls, 0u);
}

TEST_F(ViewerSession, ResumesWhereItPausedInsideTheLiveWindow) {
  stream.live = true;
  stream.window = 30;
  PlayerScript player{config({{5s, PausePlay{}}, {25s, ResumePlay{}}}, ContentKind::kLive)};
  player.begins().lives(60s, stream.responder()).expects_state(PlayerState::kPlaying);
  EXPECT_EQ(player.totals().played, base::Duration{40s} - *player.totals().startup_time);
  EXPECT_TRUE(player.said<SeekBegan>().empty());
  EXPECT_EQ(player.totals().stalls, 0u);
}

TEST_F(ViewerSession, ComesBackAtTheLivePositionAfterAPauseLongerThanTheWindow) {
  stream.live = true;
  PlayerScript player{config({{5s, PausePlay{}}, {65s, ResumePlay{}}}, ContentKind::kLive)};
  player.begins().lives(70s, stream.responder()).expects_state(PlayerState::kPlaying);
  EXPECT_EQ(player.said<SeekEnded>().size(), 1u);
  EXPECT_EQ(player.totals().stalls, 0u);
  const double live = base::to_seconds(player.now() - FakeStream::began());
  player.lives(10s, stream.responder()).expects_state(PlayerState::kPlaying);
  EXPECT_EQ(player.count_asked("v720/" + std::to_string(static_cast<int>(live) / 2 - 2) + ".m4s"), 1u) << player.steps();
  EXPECT_EQ(player.count_asked("v720/60.m4s"), 0u);
}

TEST_F(ViewerSession, RunsTimedRequestsOnceASecondWhileThePageIsHidden) {
  stream.live = true;
  PlayerScript player{config({{5s, HidePage{}}, {45s, ShowPage{}}}, ContentKind::kLive)};
  player.begins().lives(7s, stream.responder());
  const base::Instant hidden = PlayerScript::kStart + *player.totals().startup_time + 5s;
  for (int i = 0; i < 3000; ++i) {
    const std::size_t before = player.count_asked("v720/list.m3u8");
    player.lives(10ms, stream.responder());
    if (player.count_asked("v720/list.m3u8") == before) continue;
    const auto late = (player.now() - hidden) % base::Duration{1s};
    EXPECT_LT(late, 10ms) << player.steps();
  }
  EXPECT_EQ(player.totals().stalls, 0u);
}

TEST_F(ViewerSession, FollowsAnswersAtOnceWhileThePageIsHidden) {
  stream.rate = 10_Mbps;
  PlayerScript player{config({{0s, HidePage{}}})};
  player.begins().lives(4s, stream.responder());
  EXPECT_GE(player.count_asked("v720/5.m4s"), 1u) << "0.5 s for each segment\n" << player.steps();
}

TEST_F(ViewerSession, TellsTheServersOfSeekingAndOfAHiddenPage) {
  PlayerConfig told = config({{5s, HidePage{}}, {6s, SeekTo{0.5}}});
  Device shaka = *told.device;
  shaka.engine = EngineKind::kShaka;
  told.device = shaka;
  told.cmcd = CmcdConfig{{.version = 2}, "s", "c"};
  const auto without_query = [this](base::Instant now, Fetch fetch) {
    fetch.url = fetch.url->substr(0, fetch.url->find('?'));
    return stream(now, fetch);
  };
  PlayerScript player{told};
  player.with_mangled_urls().begins().lives(7s, without_query);
  const auto says = [&](const char* key) {
    return std::any_of(player.asked().begin(), player.asked().end(),
                       [key](const Fetch& f) { return f.url->find(key) != std::string::npos; });
  };
  EXPECT_TRUE(says("sta%3Dk"));
  EXPECT_TRUE(says("CMCD=bg%2C"));
}

// Whatever a viewer does, and when: the time of the session is accounted for to the nanosecond.
class BusyViewer : public testing::TestWithParam<int> {};

TimedAction any_action(base::Random& random, base::Duration at) {
  switch (random.below(7)) {
    case 0:
      return {at, SeekTo{random.uniform()}};
    case 1:
      return {at, SeekBy{base::from_seconds(random.uniform(-20, 20))}};
    case 2:
      return {at, PausePlay{}};
    case 3:
    case 4:
      return {at, ResumePlay{}};
    case 5:
      return {at, HidePage{}};
    default:
      return {at, ShowPage{}};
  }
}

TEST_P(BusyViewer, AccountsForEveryMoment) {
  base::Random random = base::Random::stream(99, static_cast<std::uint64_t>(GetParam()));
  FakeStream stream;
  stream.live = random.chance(0.5);
  stream.vod_segments = 60;
  stream.window = random.chance(0.5) ? 8 : 40;
  const bool dash = random.chance(0.5);
  PlayerConfig config =
      PlayerScript::config(device(dash ? StreamingProtocol::kDash : StreamingProtocol::kHls),
                           dash ? FakeStream::dash_url() : FakeStream::hls_url(), stream.live ? ContentKind::kLive : ContentKind::kVod);
  base::Duration at{};
  while ((at += base::from_seconds(random.exponential(3))) < 100s) config.actions.push_back(any_action(random, at));
  if (random.chance(0.3)) config.watch = 60s;
  const Responder moody = [&](base::Instant now, const Fetch& fetch) {
    stream.rate = base::Bitrate::bits_per_second(static_cast<std::int64_t>(random.uniform(3e5, 1e7)));
    if (random.chance(0.03)) return Reply{.status = 503, .took = 200ms};
    return stream(now, fetch);
  };
  PlayerScript player{config};
  player.begins();
  for (int second = 0; second < 120 && !player.finished(); ++second) {
    player.lives(1s, moody);
    const PlayerTotals t = player.totals();
    const base::Duration session = (player.finished() ? player.finished_at() : player.now()) - PlayerScript::kStart;
    const base::Duration after = t.played + t.stalled + t.seeking + t.paused;
    ASSERT_EQ(t.startup_time.value_or(session) + after, session) << player.steps();
    ASSERT_LE(player.said<SeekEnded>().size(), player.said<SeekBegan>().size());
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, BusyViewer, testing::Range(0, 80));

}  // namespace
}  // namespace harness::test
