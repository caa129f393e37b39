// PlayerSession on live streams: where it starts, reloads, gaps, the edge.
#include <fmt/format.h>

#include "harness/player/fake_stream.h"

namespace harness::test {
namespace {

PlayerConfig live_hls(Device with = device()) { return PlayerScript::config(with, FakeStream::hls_url(), ContentKind::kLive); }
PlayerConfig live_dash(Device with = device(StreamingProtocol::kDash)) {
  return PlayerScript::config(with, FakeStream::dash_url(), ContentKind::kLive);
}

double mean_latency(const PlayerTotals& totals) { return totals.latency_seconds_sum / std::max(1u, totals.latency_samples); }

TEST(LiveSession, StartsThreeTargetDurationsBehindTheEnd) {
  FakeStream stream;
  PlayerScript player{live_hls()};
  player.begins().lives(1s, stream.responder());
  EXPECT_EQ(player.count_asked("v720/47.m4s"), 1u) << player.steps();
  EXPECT_EQ(player.count_asked("v720/46.m4s"), 0u);
}

TEST(LiveSession, StartsAtTheHoldBack) {
  FakeStream stream;
  PlayerScript player{live_hls()};
  std::string list = stream.hls_playlist(player.now());
  list.insert(list.find("#EXTINF"), "#EXT-X-SERVER-CONTROL:HOLD-BACK=10.0\n");
  player.begins().receives("master.m3u8", {.body = stream.hls_master()});
  player.receives("v720/list.m3u8", {.body = list}).receives("audio/list.m3u8", {.body = list});
  player.receives("v720/init.mp4").expects_fetch("v720/45.m4s");
}

// It is 100 s old, has segments of 2 s, named by their start in ms, and a minBufferTime of 2 s.
TEST(LiveSession, StartsAsFarBehindADashStreamThatDoesNotSayAsThePlayerDoes) {
  Device dashjs = device(StreamingProtocol::kDash), shaka = dashjs;
  dashjs.engine = EngineKind::kDashJs;
  shaka.engine = EngineKind::kShaka;
  struct Case {
    Device device;
    int first;  // the segment 8 s behind; the one 2 s before what is 3 s behind
  };
  for (const Case& each : {Case{dashjs, 92'000}, Case{shaka, 94'000}}) {
    FakeStream stream;
    stream.says_delay = false;
    PlayerScript player{live_dash(each.device)};
    player.with_init_beside_segment().begins().lives(1s, stream.responder());
    EXPECT_EQ(player.count_asked(fmt::format("v240/{}.m4s", each.first)), 1u) << player.steps();
    EXPECT_EQ(player.count_asked(fmt::format("{}.m4s", each.first - 2000)), 0u) << player.steps();
  }
}

TEST(LiveSession, StartsWhereTheDeviceWantsTo) {
  FakeStream stream;
  Device near = device();
  near.live_delay = 4s;
  PlayerScript player{live_hls(near)};
  player.begins().lives(1s, stream.responder());
  EXPECT_EQ(player.count_asked("v720/48.m4s"), 1u);
  EXPECT_EQ(player.count_asked("v720/47.m4s"), 0u);
}

// But for one they are gone for half a minute.
TEST(LiveSession, PlaysOnWhenAManifestLosesRenditions) {
  Device plain = device(StreamingProtocol::kDash);
  plain.buffer_target = 25s;
  plain.live_delay = 14s;  // or some rules never leave the lowest, as kBolaBasic does not even so
  std::vector<Device> devices;
  for (const EngineKind engine : {EngineKind::kDashJs, EngineKind::kShaka, EngineKind::kMedia3}) {
    devices.push_back(plain);
    devices.back().engine = engine;
  }
  for (const AbrKind rule : {AbrKind::kThroughput, AbrKind::kBola, AbrKind::kDynamic, AbrKind::kThroughputIbr, AbrKind::kBolaO,
                             AbrKind::kBolaE, AbrKind::kBolaV4, AbrKind::kRobustMpc, AbrKind::kL2a}) {
    devices.push_back(plain);
    devices.back().abr = rule;
  }
  for (const Device& with : devices) {
    SCOPED_TRACE(fmt::format("engine {}, rule {}", to_text(with.engine), static_cast<int>(with.abr)));
    FakeStream stream;
    const auto whole = stream.ladder;
    PlayerScript player{live_dash(with)};
    if (with.engine == EngineKind::kShaka) player.with_init_beside_segment();
    player.begins().lives(30s, stream.responder());
    EXPECT_GE(player.count_asked("v480/init.mp4") + player.count_asked("v720/init.mp4"), 1u) << player.steps();
    for (const auto& kept : {whole.back(), whole.front()}) {
      stream.ladder = {kept};
      player.lives(30s, stream.responder()).expects_state(PlayerState::kPlaying);
      EXPECT_EQ(player.totals().stalls, 0u) << player.steps();
      stream.ladder = whole;
      player.lives(30s, stream.responder()).expects_state(PlayerState::kPlaying);
    }
    for (const RequestDone& each : player.said<RequestDone>())
      if (each.kind == RequestKind::kVideo && each.url->find("v240/") != std::string::npos && each.rendition != 0)
        ADD_FAILURE() << each.url << " is of rendition " << each.rendition;
  }
}

// The manifest comes again while the init or, with Shaka, the first segment is on its way.
TEST(LiveSession, LoadsTheRenditionItHasChosenWhenALowerOneGoes) {
  std::vector<Device> devices(5, device(StreamingProtocol::kDash));
  devices[0].engine = EngineKind::kDashJs;
  devices[1].engine = EngineKind::kShaka;
  devices[2].engine = EngineKind::kMedia3;
  devices[3].abr = AbrKind::kThroughput;
  devices[4].abr = AbrKind::kL2a;
  for (Device& with : devices) {
    SCOPED_TRACE(fmt::format("engine {}, rule {}", to_text(with.engine), static_cast<int>(with.abr)));
    with.initial_estimate = 2_Mbps;
    FakeStream stream;
    stream.rate = 2_Mbps;
    const Responder slowly = [&](base::Instant now, const Fetch& fetch) {
      Reply reply = stream(now, fetch);
      if (now < PlayerScript::kStart + 1s && fetch.url->find("v480/") != std::string::npos) reply.took = 3s;
      return reply;
    };
    PlayerScript player{live_dash(with)};
    if (with.engine == EngineKind::kShaka) player.with_init_beside_segment();
    player.begins().lives(1s, slowly);
    stream.ladder.pop_back();
    player.lives(4s, slowly);
    int segments = 0;
    for (const RequestDone& each : player.said<RequestDone>()) {
      if (each.kind != RequestKind::kVideo) continue;
      ++segments;
      EXPECT_EQ(each.failure, "") << each.url;
      EXPECT_EQ(each.rendition, 0) << each.url;
      EXPECT_NE(each.url->find("v480/"), std::string::npos) << each.url;
    }
    EXPECT_GE(segments, 1) << player.steps();
    EXPECT_EQ(player.totals().switches, 0u);
  }
}

TEST(LiveSession, PlaysHlsWithoutAStallForAMinute) {
  FakeStream stream;
  PlayerScript player{live_hls()};
  player.begins().lives(60s, stream.responder()).expects_state(PlayerState::kPlaying);
  EXPECT_EQ(player.totals().stalls, 0u) << player.steps();
  EXPECT_EQ(player.totals().failed_requests, 0u);
  EXPECT_NEAR(mean_latency(player.totals()), 6.3, 0.5);
  EXPECT_GE(player.totals().latency_samples, 57u);
}

TEST(LiveSession, PlaysDashWithoutAStallForAMinute) {
  FakeStream stream;
  PlayerScript player{live_dash()};
  player.begins().lives(60s, stream.responder()).expects_state(PlayerState::kPlaying);
  EXPECT_EQ(player.totals().stalls, 0u) << player.steps();
  EXPECT_EQ(player.totals().failed_requests, 0u);
  EXPECT_NEAR(mean_latency(player.totals()), 6.3, 0.5);
  EXPECT_EQ(player.count_asked("audio/init.mp4"), 1u);
}

TEST(LiveSession, ReloadsAPlaylistOncePerTargetDuration) {
  FakeStream stream;
  PlayerScript player{live_hls()};
  player.begins().lives(60s, stream.responder());
  EXPECT_NEAR(static_cast<double>(player.count_asked("v720/list.m3u8")), 30, 4);
  EXPECT_NEAR(static_cast<double>(player.count_asked("audio/list.m3u8")), 30, 4);
}

TEST(LiveSession, ReloadsTwiceAsOftenWhileThePlaylistStandsStill) {
  FakeStream stream;
  stream.frozen_at = PlayerScript::kStart;
  PlayerScript player{live_hls()};
  player.begins().lives(20s, stream.responder());
  EXPECT_NEAR(static_cast<double>(player.count_asked("v720/list.m3u8")), 20, 2);
}

TEST(LiveSession, ComplainsAboutAPlaylistThatStandsStill) {
  FakeStream stream;
  PlayerScript player{live_hls()};
  player.begins().lives(10s, stream.responder());
  stream.frozen_at = player.now();
  player.lives(20s, stream.responder()).expects_state(PlayerState::kStalled);
  ASSERT_EQ(player.said<Trouble>().size(), 1u);
  stream.frozen_at.reset();
  player.lives(20s, stream.responder()).expects_state(PlayerState::kPlaying);
  EXPECT_EQ(player.said<TroubleOver>().size(), 1u);
}

TEST(LiveSession, GoesBackToTheLiveEdgeAfterFallingOutOfTheWindow) {
  FakeStream stream;
  PlayerScript player{live_hls()};
  player.begins().lives(10s, stream.responder());
  stream.frozen_at = player.now();
  player.lives(60s, stream.responder());
  stream.frozen_at.reset();
  player.lives(30s, stream.responder()).expects_state(PlayerState::kPlaying);
  EXPECT_EQ(player.totals().stalls, 1u);
}

TEST(LiveSession, DoesNotAskForGaps) {
  FakeStream stream;
  stream.gaps = {55, 56};
  PlayerScript player{live_hls()};
  player.begins().lives(30s, stream.responder());
  EXPECT_EQ(player.count_asked("/55.m4s") + player.count_asked("/56.m4s"), 0u);
  EXPECT_GT(player.count_asked("/57.m4s"), 0u);
}

class LiveGap : public testing::TestWithParam<const char*> {
 protected:
  PlayerConfig config() const { return GetParam() == std::string{"hls"} ? live_hls() : live_dash(); }
};

TEST_P(LiveGap, StallsAsLongAsTheGapLasts) {
  FakeStream stream;
  for (std::int64_t n = 55; n < 60; ++n) stream.gaps.insert(n);
  PlayerScript player{config()};
  player.begins().lives(40s, stream.responder()).expects_state(PlayerState::kPlaying);
  ASSERT_EQ(player.said<StallEnded>().size(), 1u) << player.steps();
  EXPECT_NEAR(base::to_seconds(player.said<StallEnded>()[0].lasted), 10, 0.01);
}

TEST_P(LiveGap, KeepsItsDistanceToTheEdge) {
  FakeStream stream;
  for (std::int64_t n = 55; n < 60; ++n) stream.gaps.insert(n);
  PlayerScript player{config()};
  player.begins().lives(10s, stream.responder());
  const double before = mean_latency(player.totals());
  player.lives(50s, stream.responder());
  EXPECT_NEAR(mean_latency(player.totals()), before, 0.01);
}

TEST_P(LiveGap, CountsOnlyWhatIsShownAsPlayed) {
  FakeStream stream;
  stream.gaps = {55, 56};
  PlayerScript player{config()};
  player.begins().lives(40s, stream.responder());
  const PlayerTotals totals = player.totals();
  EXPECT_EQ(*totals.startup_time + totals.played + totals.stalled, base::Duration{40s});
}

INSTANTIATE_TEST_SUITE_P(Protocols, LiveGap, testing::Values("hls", "dash"), [](const auto& each) { return std::string{each.param}; });

TEST(LiveSession, FetchesTheNewVariantsPlaylistOnASwitch) {
  FakeStream stream;
  PlayerScript player{live_hls()};
  player.begins().lives(10s, stream.responder());
  stream.rate = 1_Mbps;
  player.lives(20s, stream.responder());
  ASSERT_FALSE(player.said<RenditionSwitched>().empty());
  EXPECT_GT(player.count_asked("v240/list.m3u8"), 0u);
  EXPECT_EQ(player.count_asked("v240/init.mp4"), 1u);
}

TEST(LiveSession, StopsReloadingTheVariantItLeft) {
  FakeStream stream;
  PlayerScript player{live_hls()};
  player.begins().lives(10s, stream.responder());
  stream.rate = 1_Mbps;
  player.lives(20s, stream.responder());
  const std::size_t before = player.count_asked("v720/list.m3u8");
  player.lives(20s, stream.responder());
  EXPECT_EQ(player.count_asked("v720/list.m3u8"), before);
}

TEST(LiveSession, SkipsASegmentThatStaysMissing) {
  FakeStream stream;
  stream.missing = {"v720/55.m4s"};
  PlayerScript player{live_hls()};
  player.begins().lives(40s, stream.responder()).expects_state(PlayerState::kPlaying);
  EXPECT_EQ(player.count_asked("v720/55.m4s"), 4u);
  EXPECT_GT(player.count_asked("v720/56.m4s"), 0u);
}

TEST(LiveSession, EndsWithTheStream) {
  FakeStream stream;
  PlayerScript player{live_hls()};
  player.begins().lives(10s, stream.responder());
  const auto ended = [&stream, at = player.now()](base::Instant, const Fetch& fetch) {
    Reply reply = stream(at, fetch);
    if (ends_with(fetch.url, "list.m3u8")) reply.body += "#EXT-X-ENDLIST\n";
    return reply;
  };
  player.lives(60s, ended).expects_finish(Ending::kContentEnded);
}

TEST(LiveSession, WaitsForAStreamThatIsStillStarting) {
  FakeStream stream;
  stream.fault = Reply{.status = 503, .retry_after = 1s};
  PlayerScript player{live_hls()};
  player.begins().lives(8s, stream.responder()).expects_state(PlayerState::kStarting);
  stream.fault.reset();
  player.lives(5s, stream.responder()).expects_state(PlayerState::kPlaying);
  EXPECT_GT(*player.totals().startup_time, 8s);
}

TEST(LiveSession, FollowsADashTimelineThatGoesByTheClock) {
  FakeStream stream;
  const auto numbered = [&stream](base::Instant now, const Fetch& fetch) {
    Reply reply = stream(now, fetch);
    if (!ends_with(fetch.url, ".mpd")) return reply;
    auto manifest = *media::parse_mpd(reply.body);
    for (auto& set : manifest.periods[0].adaptation_sets) {
      for (auto& each : set.representations) {
        each.segments.media = "$RepresentationID$/$Number$.m4s";
        each.segments.start_number = 0;
        each.segments.duration = 2000;
        each.segments.timeline.clear();
      }
    }
    manifest.minimum_update_period.reset();
    reply.body = media::write_mpd(manifest);
    return reply;
  };
  PlayerScript player{live_dash()};
  player.begins().lives(60s, numbered).expects_state(PlayerState::kPlaying);
  EXPECT_EQ(player.totals().stalls, 0u) << player.steps();
  EXPECT_EQ(player.count_asked(".mpd"), 1u);
  EXPECT_EQ(player.count_asked("audio/60.m4s"), 1u);
}

}  // namespace
}  // namespace harness::test
