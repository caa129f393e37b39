// PlayerSession with the research rules: each plays a film and a live stream.
#include "harness/player/fake_stream.h"

namespace harness::test {
namespace {

const AbrKind kResearchRules[] = {AbrKind::kThroughputIbr, AbrKind::kBolaBasic, AbrKind::kBolaO, AbrKind::kBolaE,
                                  AbrKind::kBolaV4,        AbrKind::kRobustMpc, AbrKind::kL2a};

PlayerConfig researched(AbrKind rule, ContentKind content) {
  Device with = device(StreamingProtocol::kDash);
  with.abr = rule;
  with.buffer_target = 25s;
  return PlayerScript::config(with, FakeStream::dash_url(), content);
}

TEST(ResearchSession, PlaysAFilmWithEachRule) {
  for (const AbrKind rule : kResearchRules) {
    FakeStream stream = FakeStream::film();
    stream.vod_segments = 60;
    PlayerScript player{researched(rule, ContentKind::kVod)};
    player.begins().lives(150s, stream.responder()).expects_finish(Ending::kContentEnded);
    EXPECT_EQ(player.totals().stalls, 0u) << static_cast<int>(rule) << "\n" << player.steps();
    EXPECT_GT(player.count_asked("m4s"), 100u);
    EXPECT_GE(player.totals().bitrate_seconds / 120, 1'400'000) << static_cast<int>(rule);
  }
}

TEST(ResearchSession, PlaysLiveWithEachRule) {
  for (const AbrKind rule : kResearchRules) {
    FakeStream stream;
    PlayerScript player{researched(rule, ContentKind::kLive)};
    player.begins().lives(60s, stream.responder()).expects_state(PlayerState::kPlaying);
    EXPECT_EQ(player.totals().stalls, 0u) << static_cast<int>(rule) << "\n" << player.steps();
  }
}

}  // namespace
}  // namespace harness::test
