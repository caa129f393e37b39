// PlayerSession against refusals, failures and hostile answers.
#include "base/random.h"
#include "harness/player/fake_stream.h"

namespace harness::test {
namespace {

PlayerConfig hls_live() { return PlayerScript::config(device(), FakeStream::hls_url(), ContentKind::kLive); }
PlayerConfig hls_vod() { return PlayerScript::config(device(), FakeStream::hls_url(), ContentKind::kVod); }
PlayerConfig with_token(PlayerConfig config) {
  config.token = FakeStream::token_source();
  return config;
}

TEST(TokenSession, AsksForATokenBeforeAnythingElse) {
  PlayerScript player{with_token(hls_live())};
  player.begins().expects_fetch("/token").expects_no_fetch("master.m3u8");
  EXPECT_EQ(player.running("/token")->method, "POST");
  EXPECT_EQ(player.running("/token")->body, R"({"stream":"main","subject":"v1","group":"g"})");
  player.receives("/token", {.body = R"({"access_token":"abc","refresh_token":"r","expires_in":60})"}).expects_fetch("master.m3u8");
  EXPECT_EQ(player.running("master.m3u8")->headers.at(0), (std::pair<std::string, std::string>{"Authorization", "Bearer abc"}));
}

TEST(TokenSession, RefreshesAheadOfTheExpiryWithoutLosingAMoment) {
  FakeStream stream;
  stream.token = "none";
  PlayerScript player{with_token(hls_live())};
  player.begins().lives(47s, stream.responder());
  EXPECT_EQ(player.count_asked("/refresh"), 0u);
  player.lives(2s, stream.responder());
  EXPECT_EQ(player.count_asked("/refresh"), 1u);
  ASSERT_EQ(player.said<TokenRenewed>().size(), 1u);
  EXPECT_FALSE(player.said<TokenRenewed>()[0].after_refusal);
  EXPECT_EQ(player.totals().token_refreshes, 1u);
}

TEST(TokenSession, RefreshesAfterARefusalAndAsksAgain) {
  FakeStream stream;
  stream.token = "none";
  PlayerScript player{with_token(hls_live())};
  player.begins().lives(20s, stream.responder());
  stream.token = "withdrawn";
  player.lives(15s, stream.responder()).expects_state(PlayerState::kPlaying);
  EXPECT_EQ(player.count_asked("/refresh"), 1u) << player.steps();
  EXPECT_EQ(player.said<Trouble>().size(), 1u);
  EXPECT_EQ(player.said<TroubleOver>().size(), 1u);
  EXPECT_TRUE(player.said<TokenRenewed>().at(0).after_refusal);
  EXPECT_EQ(player.totals().stalls, 0u);
}

TEST(TokenSession, AsksForAFreshTokenWhenTheRefreshIsRefused) {
  FakeStream stream;
  stream.token = "none";
  PlayerScript player{with_token(hls_live())};
  const auto no_refresh = [&stream](base::Instant now, const Fetch& fetch) {
    return ends_with(fetch.url, "/refresh") ? Reply{.status = 400} : stream(now, fetch);
  };
  player.begins().lives(20s, no_refresh);
  stream.token = "withdrawn";
  player.lives(15s, no_refresh).expects_state(PlayerState::kPlaying);
  EXPECT_EQ(player.count_asked("/token"), 2u);
}

TEST(TokenSession, FailsWhenNoTokenIsGranted) {
  PlayerScript player{with_token(hls_live())};
  player.begins().receives("/token", {.status = 403}).expects_finish(Ending::kFailed, "no token is granted: HTTP 403 on the token request");
}

TEST(TokenSession, FailsOnTheSecond403) {
  FakeStream stream;
  stream.token = "none";
  PlayerScript player{with_token(hls_live())};
  player.begins().lives(20s, stream.responder());
  const auto forbidden = [&stream](base::Instant now, const Fetch& fetch) {
    return ends_with(fetch.url, ".m4s") ? Reply{.status = 403} : stream(now, fetch);
  };
  player.lives(20s, forbidden).expects_finish(Ending::kFailed, "refused even with a new token: HTTP 403");
  EXPECT_EQ(player.count_asked("/refresh"), 1u);
}

TEST(TokenSession, FailsAtOnceWhenRefusedWithoutATokenToRenew) {
  PlayerScript player{hls_live()};
  player.begins()
      .receives("master.m3u8", {.status = 401})
      .expects_finish(Ending::kFailed, "has no token to show: HTTP 401 on the manifest request (http://s/master.m3u8)");
}

TEST(TokenSession, RetriesATokenServerThatIsBusy) {
  PlayerScript player{with_token(hls_live())};
  player.begins().receives("/token", {.status = 503}).advances(500ms).expects_fetch("/token");
}

TEST(FaultySession, BacksOffAfterServerErrors) {
  PlayerScript player{hls_live()};
  player.begins();
  for (const auto pause : {500ms, 1000ms, 2000ms, 4000ms, 4000ms}) {
    player.receives("master.m3u8", {.status = 500}).advances(pause - 1ns).expects_no_fetch("master.m3u8");
    player.advances(1ns).expects_fetch("master.m3u8");
  }
}

TEST(FaultySession, HonoursRetryAfterUpToFiveSeconds) {
  PlayerScript player{hls_live()};
  player.begins().receives("master.m3u8", {.status = 503, .retry_after = 3s}).advances(2999ms).expects_no_fetch("master.m3u8");
  player.advances(1ms).receives("master.m3u8", {.status = 503, .retry_after = 60s}).advances(5s).expects_fetch("master.m3u8");
}

TEST(FaultySession, NamesEveryReasonToRefuseACertificate) {
  FakeStream stream;
  stream.fault = Reply{.took = 1ms, .failure = "certificate"};
  PlayerScript player{hls_live()};
  player.begins().lives(30s, stream.responder());
  player.expects_finish(Ending::kFailed, "a certificate that is not trusted, not for this host, or out of date (SSL_CERT_FILE names");
}

TEST(FaultySession, GivesUpBeforeTheStartAfterTwentySeconds) {
  FakeStream stream;
  stream.fault = Reply{.took = 1ms, .failure = "refused"};
  PlayerScript player{hls_live()};
  player.begins().lives(60s, stream.responder());
  player.expects_finish(Ending::kFailed,
                        "gave up after 20 s without success: connection refused on the manifest request (http://s/master.m3u8)");
  EXPECT_EQ(player.finished_at() - PlayerScript::kStart, base::Duration{20s});
}

TEST(FaultySession, GivesUpWithAnEmptyBufferOnly) {
  FakeStream stream = FakeStream::film();
  stream.vod_segments = 100;
  Device deep = device();
  deep.buffer_target = 40s;
  PlayerConfig config = hls_vod();
  config.device = deep;
  PlayerScript player{config};
  player.begins().lives(30s, stream.responder());
  stream.fault = Reply{.status = 500};
  player.lives(30s, stream.responder()).expects_state(PlayerState::kPlaying);
  player.lives(30s, stream.responder()).expects_finish(Ending::kFailed, "HTTP 500 on the");
}

TEST(FaultySession, RecoversFromAnOutageShorterThanThat) {
  FakeStream stream;
  PlayerScript player{hls_live()};
  player.begins().lives(20s, stream.responder());
  stream.fault = Reply{.failure = "reset"};
  player.lives(12s, stream.responder()).expects_state(PlayerState::kStalled);
  stream.fault.reset();
  player.lives(20s, stream.responder()).expects_state(PlayerState::kPlaying);
  EXPECT_EQ(player.said<Trouble>().size(), 1u);
  EXPECT_EQ(player.said<TroubleOver>().size(), 1u);
  EXPECT_GT(player.totals().failed_requests, 0u);
}

TEST(FaultySession, FailsWhenAVodSegmentStaysMissing) {
  FakeStream stream = FakeStream::film();
  stream.missing = {"audio/3.m4s"};
  PlayerScript player{hls_vod()};
  player.begins()
      .lives(60s, stream.responder())
      .expects_finish(Ending::kFailed, "gave up after 4 tries: HTTP 404 on the audio request (http://s/audio/3.m4s)");
  EXPECT_EQ(player.count_asked("audio/3.m4s"), 4u);
}

TEST(FaultySession, FailsOnAMissingManifestAfterFourTries) {
  FakeStream stream;
  stream.missing = {"master.m3u8"};
  PlayerScript player{hls_live()};
  player.begins().lives(10s, stream.responder()).expects_finish(Ending::kFailed, "HTTP 404 on the manifest request");
  EXPECT_LT(player.finished_at() - PlayerScript::kStart, 4s);
}

TEST(FaultySession, SaysWhatIsWrongWithAManifest) {
  FakeStream stream;
  PlayerScript player{hls_live()};
  const auto garbage = [](base::Instant, const Fetch&) { return Reply{.body = "<html>sorry</html>"}; };
  player.begins().lives(60s, garbage).expects_finish(Ending::kFailed, "on the manifest request");
  EXPECT_EQ(player.said<RequestDone>().at(0).failure, "malformed");
}

TEST(FaultySession, FailsWhenNothingCanBePlayed) {
  const std::string list = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n#EXTINF:0,\na.ts\n#EXTINF:0,\nb.ts\n#EXT-X-ENDLIST\n";
  PlayerScript player{PlayerScript::config(device(), "http://s/list.m3u8", ContentKind::kVod)};
  const auto only_that = [&list](base::Instant, const Fetch&) { return Reply{.body = list}; };
  player.begins().lives(60s, only_that).expects_finish(Ending::kFailed);
}

TEST(FaultySession, IgnoresAnswersToAbandonedAndUnknownRequests) {
  PlayerScript player{hls_live()};
  PlayerSession session{hls_live()};
  const auto first = session.on(PlayerScript::kStart, Begin{});
  EXPECT_TRUE(session
                  .on(PlayerScript::kStart,
                      Answered{.id = RequestId{99}, .status = 200, .body = {}, .bytes = {}, .ttfb = {}, .took = {}, .retry_after = {}})
                  .empty());
  EXPECT_EQ(session.totals(PlayerScript::kStart).bytes, 0_B);
  EXPECT_FALSE(first.empty());
}

// Any order of successes, failures, delays and gaps: the time of the session is accounted for to the nanosecond.
class RandomSession : public testing::TestWithParam<int> {};

TEST_P(RandomSession, AccountsForEveryMoment) {
  base::Random random = base::Random::stream(4711, static_cast<std::uint64_t>(GetParam()));
  FakeStream stream;
  stream.live = random.chance(0.7);
  stream.vod_segments = 40;
  stream.token = "none";
  for (std::int64_t n = 50; n < 150; ++n) {
    if (random.chance(0.1)) stream.gaps.insert(n);
  }
  const bool dash = random.chance(0.5);
  PlayerConfig config =
      PlayerScript::config(device(dash ? StreamingProtocol::kDash : StreamingProtocol::kHls),
                           dash ? FakeStream::dash_url() : FakeStream::hls_url(), stream.live ? ContentKind::kLive : ContentKind::kVod);
  Device device = *config.device;
  device.abr = random.chance(0.5) ? AbrKind::kBola : AbrKind::kThroughput;
  device.append_delay = random.chance(0.5) ? 30ms : 0ms;
  config.device = device;
  if (random.chance(0.5)) config.watch = 60s;
  const double trouble = random.uniform(0, 0.3);
  const Responder moody = [&](base::Instant now, const Fetch& fetch) {
    stream.rate = base::Bitrate::bits_per_second(static_cast<std::int64_t>(random.uniform(3e5, 1e7)));
    if (!random.chance(trouble)) return stream(now, fetch);
    const int statuses[] = {401, 403, 404, 500, 503};
    Reply reply{.status = statuses[random.below(5)], .took = base::from_seconds(random.uniform(0, 3))};
    if (random.chance(0.3)) reply.failure = "reset";
    return reply;
  };
  PlayerScript player{with_token(config)};
  player.begins();
  for (int second = 0; second < 120 && !player.finished(); ++second) {
    player.lives(1s, moody);
    const PlayerTotals totals = player.totals();
    const base::Duration session = (player.finished() ? player.finished_at() : player.now()) - PlayerScript::kStart;
    ASSERT_EQ(totals.startup_time.value_or(session - totals.played - totals.stalled) + totals.played + totals.stalled, session)
        << player.steps();
    ASSERT_TRUE(totals.startup_time || totals.played + totals.stalled == 0s);
  }
}

// Listings with bytes changed, lost and doubled: whatever they now say, the session goes on or ends with a reason.
TEST_P(RandomSession, SurvivesMangledListings) {
  base::Random random = base::Random::stream(815, static_cast<std::uint64_t>(GetParam()));
  FakeStream stream;
  stream.live = random.chance(0.5);
  const bool dash = random.chance(0.5);
  const Responder mangler = [&](base::Instant now, const Fetch& fetch) {
    Reply reply = stream(now, fetch);
    for (int i = 0; i < 3 && !reply.body.empty() && random.chance(0.8); ++i) {
      const std::size_t at = random.below(reply.body.size());
      if (random.chance(0.4))
        reply.body[at] = static_cast<char>('0' + random.below(10));
      else if (random.chance(0.5))
        reply.body.erase(at, 1 + random.below(20));
      else
        reply.body.insert(at, "99999999999");
    }
    return reply;
  };
  PlayerScript player{PlayerScript::config(device(dash ? StreamingProtocol::kDash : StreamingProtocol::kHls),
                                           dash ? FakeStream::dash_url() : FakeStream::hls_url(),
                                           stream.live ? ContentKind::kLive : ContentKind::kVod)};
  player.with_mangled_urls().begins().lives(90s, mangler);
  const PlayerTotals totals = player.totals();
  const base::Duration session = (player.finished() ? player.finished_at() : player.now()) - PlayerScript::kStart;
  EXPECT_TRUE(!totals.startup_time || *totals.startup_time + totals.played + totals.stalled == session) << player.steps();
  EXPECT_TRUE(!player.finished() || player.finished()->ending == Ending::kContentEnded || !player.finished()->reason.empty());
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomSession, testing::Range(0, 60));

}  // namespace
}  // namespace harness::test
