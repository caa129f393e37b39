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

// The element plays from 1.1 s on, but its playhead stands for 0.2 s.
TEST(Playback, SetsOffAfterItSaysItPlays) {
  Playback::Rules with = rules();
  with.element.sets_off = 200ms;
  Stage stage{with};
  stage.receives(1s, 0s, 2s);
  EXPECT_EQ(stage.at(1200ms).startup_time, base::Duration{1100ms});
  EXPECT_EQ(stage.playback.playhead(), base::Duration{});
  EXPECT_EQ(stage.playback.next_change(), kBegin + 3300ms);
  const PlayerTotals totals = stage.at(4300ms);
  EXPECT_EQ(totals.played, base::Duration{2200ms});
  EXPECT_EQ(totals.stalled, base::Duration{1s});
}

// Both tracks from 0.1 s on: 2 s of video, 20 s of audio.
struct AudioGoesOn : Stage {
  explicit AudioGoesOn(const Playback::Rules& with) : Stage{with} {
    playback.seek(0s, true);
    playback.receive(TrackKind::kAudio, {.start = 0s, .end = 20s});
    receives(0s, 0s, 2s);
  }
  static Playback::Rules patient() {
    Playback::Rules with = rules();
    with.element.without_video = 3s;
    return with;
  }
};

TEST(Playback, StallsAtOnceWithoutVideoUnlessTheElementIsPatient) {
  EXPECT_EQ(AudioGoesOn{rules()}.at(3100ms).stalled, base::Duration{1s});
  EXPECT_EQ(AudioGoesOn{AudioGoesOn::patient()}.at(3100ms).stalls, 0u);
}

TEST(Playback, PlaysOnWithoutVideoForAWhile) {
  AudioGoesOn stage{AudioGoesOn::patient()};
  EXPECT_EQ(stage.at(5s).stalls, 0u);
  EXPECT_EQ(stage.playback.next_change(), kBegin + 5100ms);
  EXPECT_EQ(stage.at(6100ms).stalled, base::Duration{1s});
  EXPECT_EQ(stage.playback.playhead(), base::Duration{5s});
}

TEST(Playback, DoesNotStallWhenVideoComesBackInTime) {
  AudioGoesOn stage{AudioGoesOn::patient()};
  stage.receives(4s, 2s, 6s);
  EXPECT_EQ(stage.at(6s).stalls, 0u);
  EXPECT_EQ(stage.playback.next_change(), kBegin + 9100ms);  // six seconds of video, and three without
}

TEST(Playback, StallsAtTheEndOfAudioWhateverVideoMay) {
  Playback::Rules with = AudioGoesOn::patient();
  Stage stage{with};
  stage.playback.seek(0s, true);
  stage.playback.receive(TrackKind::kAudio, {.start = 0s, .end = 2s});
  stage.receives(0s, 0s, 8s);
  EXPECT_EQ(stage.at(3100ms).stalled, base::Duration{1s});
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
