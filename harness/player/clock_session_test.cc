// PlayerSession and the clocks (UTCTiming) that live DASH manifests name.
#include <gmock/gmock.h>

#include "harness/player/fake_stream.h"

namespace harness::test {
namespace {

const std::string kNow = "2027-01-15T08:00:00Z";  // PlayerScript::kStartUtc

std::string timing(const std::string& scheme, const std::string& value) {
  return "<UTCTiming schemeIdUri=\"urn:mpeg:dash:utc:" + scheme + ":2014\" value=\"" + value + "\"/>";
}

// A session whose own clock is wrong; its manifest names the clocks of `timings`.
class ClockSession : public testing::Test {
 protected:
  PlayerScript& begin(const std::string& timings, base::Duration behind = 10s) {
    PlayerConfig config = PlayerScript::config(device(StreamingProtocol::kDash), FakeStream::dash_url(), ContentKind::kLive);
    config.wall.utc -= behind;
    config.token = token_;
    player_.emplace(config);
    std::string manifest = stream_.dash_manifest(player_->now());
    manifest.insert(manifest.find("</MPD>"), timings);
    player_->begins();
    if (token_) player_->receives("token", {.body = R"({"access_token":"t","expires_in":60})"});
    return player_->receives("manifest.mpd", {.body = manifest});
  }
  FakeStream stream_;
  base::Boxed<TokenSource> token_;
  std::optional<PlayerScript> player_;
};

TEST_F(ClockSession, AsksTheTimeBeforeItLoadsAnything) {
  begin(timing("http-iso", "http://s/time"));
  EXPECT_EQ(player_->asked().size(), 2u);
  player_->expects_fetch("http://s/time").receives("http://s/time", {.body = " " + kNow + "\r\n"}).expects_fetch("audio/init.mp4");
}

TEST_F(ClockSession, GoesByTheTimeItIsTold) {
  for (const char* scheme : {"http-iso", "http-xsdate"}) {
    begin(timing(scheme, "http://s/time")).receives("http://s/time", {.body = kNow}).lives(1s, stream_.responder());
    EXPECT_EQ(player_->count_asked("audio/94000.m4s"), 1u) << player_->steps();
  }
}

TEST_F(ClockSession, TakesItsMediaLatencyByThatTime) {
  begin(timing("http-iso", "http://s/time")).receives("http://s/time", {.body = kNow}).lives(10s, stream_.responder());
  EXPECT_NEAR(player_->totals().latency_seconds_sum / player_->totals().latency_samples, 6.3, 0.5);
}

TEST_F(ClockSession, TakesTheAnswerToBeWrittenHalfWay) {
  begin(timing("http-iso", "http://s/time"), 0s).advances(4s).receives("http://s/time", {.body = "2027-01-15T08:00:02Z"});
  player_->lives(1s, stream_.responder());
  EXPECT_EQ(player_->count_asked("audio/init.mp4"), 1u);
}

TEST_F(ClockSession, ReadsTheDateOfAHeadRequest) {
  begin(timing("http-head", "http://s/time"));
  EXPECT_EQ(player_->running("http://s/time")->method, "HEAD");
  player_->receives("http://s/time", {.date = PlayerScript::kStartUtc}).lives(1s, stream_.responder());
  EXPECT_EQ(player_->count_asked("audio/94000.m4s"), 1u) << player_->steps();
}

TEST_F(ClockSession, BelievesATimeInTheManifest) {
  begin(timing("direct", kNow)).expects_fetch("audio/init.mp4").lives(1s, stream_.responder());
  EXPECT_EQ(player_->count_asked("audio/94000.m4s"), 1u) << player_->steps();
}

TEST_F(ClockSession, TurnsToTheNextClock) {
  begin(timing("ntp", "x") + timing("http-iso", "http://s/one /two") + timing("http-head", "http://s/three"));
  player_->receives("/one", {.status = 404}).receives("/two", {.body = "<html>"}).expects_fetch("/three");
  EXPECT_FALSE(player_->finished());
}

TEST_F(ClockSession, FallsBackToItsOwnClock) {
  begin(timing("http-iso", "http://s/time"), 0s).receives("http://s/time", {.failure = "refused"}).lives(20s, stream_.responder());
  player_->expects_state(PlayerState::kPlaying);
  EXPECT_EQ(player_->totals().failed_requests, 1u);
  EXPECT_TRUE(player_->said<Trouble>().empty());
}

TEST_F(ClockSession, AsksOnce) {
  begin(timing("http-iso", "http://s/time")).receives("http://s/time", {.body = kNow}).lives(20s, stream_.responder());
  EXPECT_EQ(player_->count_asked("http://s/time"), 1u);
}

TEST_F(ClockSession, DoesNotShowItsTokenToAClock) {
  token_ = FakeStream::token_source();
  begin(timing("http-iso", "http://elsewhere/time"));
  EXPECT_TRUE(player_->running("/time")->headers.empty());
  EXPECT_FALSE(player_->asked().at(1).headers.empty());
}

}  // namespace
}  // namespace harness::test
