#include "harness/player/playback.h"

#include <gtest/gtest.h>

namespace harness {
namespace {

using namespace base::literals;

constexpr base::Instant kBegin{1000s};

Playback::Rules rules() { return {.element = {.start_buffer = 1s, .resume_buffer = 1s, .append = 100ms}}; }

// A video-only playback that has begun at position 0.
struct Stage {
  explicit Stage(const Playback::Rules& with = rules()) : playback{with} {
    playback.begin(kBegin);
    playback.seek(0s, false);
  }
  void receives(base::Duration at, base::Duration start, base::Duration end) {
    playback.advance(kBegin + at, said);
    playback.receive(TrackKind::kVideo, {.start = start, .end = end, .bitrate = 1_Mbps});
  }
  PlayerTotals at(base::Duration time) {
    playback.advance(kBegin + time, said);
    PlayerTotals totals;
    playback.add_to(totals);
    return totals;
  }
  Playback playback;
  std::vector<Telemetry> said;
};

TEST(Playback, StartsAnAppendDelayAfterTheLastByte) {
  Stage stage;
  stage.receives(1s, 0s, 2s);
  EXPECT_EQ(stage.playback.next_change(), kBegin + 1100ms);
  EXPECT_EQ(stage.at(5s).startup_time, base::Duration{1100ms});
}

TEST(Playback, PlaysBeforeThePlayheadMoves) {
  Playback::Rules with = rules();
  with.element.first_move = 40ms;
  Stage stage{with};
  stage.receives(1s, 0s, 2s);
  EXPECT_EQ(stage.at(1100ms).startup_time, base::Duration{1100ms});
  EXPECT_EQ(stage.playback.next_change(), kBegin + 3140ms);
  stage.at(1130ms);
  EXPECT_EQ(stage.playback.playhead(), base::Duration{});
  stage.at(1640ms);
  EXPECT_EQ(stage.playback.playhead(), base::Duration{500ms});
  EXPECT_EQ(stage.at(10s).played, base::Duration{2040ms});
}

TEST(Playback, StallsAtTheExactInstantHoweverLateItIsAsked) {
  Stage stage;
  stage.receives(1s, 0s, 2s);
  const PlayerTotals totals = stage.at(10s);
  EXPECT_EQ(totals.played, base::Duration{2s});
  EXPECT_EQ(totals.stalled, base::Duration{6900ms});
  EXPECT_EQ(totals.stalls, 1u);
}

TEST(Playback, DoesNotStallWhenMediaArrivesAtTheVeryInstant) {
  Stage stage;
  stage.receives(1s, 0s, 2s);
  stage.receives(3s, 2s, 4s);  // playable at 3.1 s, when the first two seconds end
  EXPECT_EQ(stage.at(5s).stalls, 0u);
}

TEST(Playback, JumpsOverAHoleAtOnceOutsideLiveStreams) {
  Stage stage;
  stage.receives(0s, 0s, 2s);
  stage.receives(0s, 6s, 8s);
  const PlayerTotals totals = stage.at(4s);
  EXPECT_EQ(totals.played, base::Duration{3900ms});
  EXPECT_EQ(totals.stalls, 0u);
  EXPECT_EQ(stage.playback.playhead(), base::Duration{7900ms});
}

TEST(Playback, WaitsOutAHoleInALiveStream) {
  Stage stage;
  stage.playback.set_live(std::nullopt, 6s);
  stage.receives(0s, 0s, 2s);
  stage.receives(1s, 6s, 8s);
  EXPECT_EQ(stage.at(7s).stalled, base::Duration{4s});
  EXPECT_EQ(stage.playback.playhead(), base::Duration{6900ms});
}

TEST(Playback, WaitsNoLongerThanTheLiveDelayForAHoleThatIsJustAStepInTime) {
  Stage stage;
  stage.playback.set_live(std::nullopt, 6s);
  stage.receives(0s, 0s, 2s);
  stage.receives(1s, 1h, 1h + 2s);
  EXPECT_EQ(stage.at(9s).stalled, base::Duration{6s});
}

TEST(Playback, EndsWhenACompleteTrackIsPlayed) {
  Stage stage;
  stage.receives(0s, 0s, 2s);
  stage.playback.complete(TrackKind::kVideo);
  EXPECT_EQ(stage.at(60s).played, base::Duration{2s});
  EXPECT_EQ(stage.playback.state(), PlayerState::kEnded);
  EXPECT_EQ(stage.playback.now(), kBegin + 2100ms);
}

TEST(Playback, PlaysTheLongerTrackToItsEnd) {
  Playback playback{rules()};
  std::vector<Telemetry> said;
  playback.begin(kBegin);
  playback.seek(0s, true);
  playback.receive(TrackKind::kVideo, {.start = 0s, .end = 2s, .bitrate = 1_Mbps});
  playback.receive(TrackKind::kAudio, {.start = 0s, .end = 2050ms, .bitrate = {}});
  playback.complete(TrackKind::kVideo);
  playback.complete(TrackKind::kAudio);
  playback.advance(kBegin + 1min, said);
  EXPECT_EQ(playback.now(), kBegin + 2150ms);
}

TEST(Playback, StopsAtTheEndOfTheViewersPatience) {
  Playback::Rules impatient = rules();
  impatient.watch = 1500ms;
  Stage stage{impatient};
  stage.receives(0s, 0s, 2s);
  EXPECT_EQ(stage.at(60s).played, base::Duration{1500ms});
  EXPECT_TRUE(stage.playback.has_watched_enough());
}

TEST(Playback, CountsAStallThatRunsAtTheEnd) {
  Playback::Rules impatient = rules();
  impatient.watch = 5s;
  Stage stage{impatient};
  stage.receives(0s, 0s, 2s);
  EXPECT_EQ(stage.at(60s).stalled, base::Duration{3s});
}

TEST(Playback, SamplesTheLatencyOncePerPlayedSecond) {
  Stage stage;
  stage.playback.set_live(kBegin - 6s, 6s);
  stage.receives(0s, 0s, 2s);
  stage.receives(0s, 2s, 4s);
  const PlayerTotals totals = stage.at(3600ms);
  EXPECT_EQ(totals.latency_samples, 3u);
  EXPECT_NEAR(totals.latency_seconds_sum / 3, 6.1, 1e-6);
}

}  // namespace
}  // namespace harness
