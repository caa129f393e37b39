#include "harness/player/playback.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace harness {
namespace {

using namespace base::literals;

constexpr base::Instant kBegin{1000s};

struct Rules {
  EngineTraits traits;
  std::optional<base::Duration> watch{};
};

Rules rules() {
  Rules rules;
  rules.traits.element = {.start_buffer = 1s, .resume_buffer = 1s, .append = 100ms};
  return rules;
}

// A video-only playback that has begun at position 0.
struct Stage {
  explicit Stage(const Rules& with = rules()) : followed{with} {
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
  Rules followed;
  Playback playback{followed.traits, followed.watch};
  std::vector<Telemetry> said;
};

TEST(Playback, StartsAnAppendDelayAfterTheLastByte) {
  Stage stage;
  stage.receives(1s, 0s, 2s);
  EXPECT_EQ(stage.playback.next_change(), kBegin + 1100ms);
  EXPECT_EQ(stage.at(5s).startup_time, base::Duration{1100ms});
}

// What arrives is appended on the way.
TEST(Playback, IsTheSameHoweverOftenItIsLookedAt) {
  Stage seldom, often;
  for (int n = 0; n < 30; ++n) {
    for (Stage* stage : {&seldom, &often}) stage->receives(n * 700ms, n * 1s, (n + 1) * 1s);
    EXPECT_EQ(seldom.playback.plays_on(kBegin + n * 700ms + 650ms), n > 1) << n;
    for (base::Duration at = 0s; at < 650ms; at += 1ms) often.at(n * 700ms + at);
    EXPECT_EQ(seldom.at(n * 700ms + 650ms).bitrate_seconds, often.at(n * 700ms + 650ms).bitrate_seconds);
    EXPECT_EQ(seldom.playback.playhead(), often.playback.playhead());
    EXPECT_EQ(seldom.playback.next_change(), often.playback.next_change());
  }
}

// The playhead and what is counted by it are the same to the nanosecond.
TEST(Playback, IsTheSameHoweverOftenItIsLookedAtAtAnySpeed) {
  base::Random random{6};
  Stage seldom, often;
  for (Stage* stage : {&seldom, &often}) stage->playback.set_live(kBegin - 20s, 8s);
  base::Duration at{}, end{};
  int plays = 0;
  for (int n = 0; n < 500; ++n) {
    const base::Duration step = std::chrono::milliseconds{random.below(1300)};
    const double rate = random.chance(0.3) ? 1 : random.uniform(0.97, 1.03);
    for (Stage* stage : {&seldom, &often}) {
      stage->receives(at, end, end + 1s);
      stage->playback.set_rate(rate);
    }
    end += random.chance(0.05) ? 1500ms : 1s;
    for (base::Duration on = 0s; on < step; on += base::Duration{random.below(50'000'000)}) often.at(at + on);
    at += step;
    plays += seldom.playback.plays_on(kBegin + at);
    const PlayerTotals a = seldom.at(at), b = often.at(at);
    ASSERT_EQ(seldom.playback.playhead(), often.playback.playhead()) << n;
    ASSERT_EQ(seldom.playback.state(), often.playback.state()) << n;
    ASSERT_EQ(seldom.playback.next_change(), often.playback.next_change()) << n;
    ASSERT_EQ(a.stalled, b.stalled) << n;
    ASSERT_EQ(a.bitrate_seconds, b.bitrate_seconds) << n;
    ASSERT_EQ(a.latency_seconds_sum, b.latency_seconds_sum) << n;
  }
  EXPECT_GT(plays, 100);
}

// 10 s of media at 1.03 take 9.708737864 s; a nanosecond sooner it still plays.
TEST(Playback, RunsDryAtTheInstantToWhichItPlays) {
  Stage stage;
  stage.receives(0s, 0s, 10s);
  stage.at(100ms);
  stage.playback.set_rate(1.03);
  const base::Instant dry = kBegin + 100ms + base::Duration{9'708'737'865};
  EXPECT_EQ(stage.playback.next_change(), dry);
  EXPECT_EQ(stage.playback.plays_on_until(), dry);
  EXPECT_EQ(stage.playback.time_to(10s), base::Duration{9'708'737'865});
  EXPECT_TRUE(stage.playback.plays_on(dry - base::Duration{1}));
  EXPECT_LT(stage.playback.playhead(), base::Duration{10s});
  stage.playback.advance(dry, stage.said);
  EXPECT_EQ(stage.playback.state(), PlayerState::kStalled);
}

TEST(Playback, SeesAheadWhatItWillComeTo) {
  base::Random random{4};
  Stage stage;
  base::Duration at{}, end{};
  int seen = 0;
  for (int n = 0; n < 2000; ++n) {
    at += std::chrono::milliseconds{random.below(1500)};
    if (random.chance(0.1)) end += 300ms;  // a hole
    stage.playback.advance(kBegin + at, stage.said);
    stage.playback.receive(TrackKind::kVideo, {.start = end, .end = end + 1s, .bitrate = base::Bitrate::bits_per_second(n)});
    end += 1s;
    if (random.chance(0.7)) stage.playback.advance(kBegin + (at += 150ms), stage.said);
    stage.playback.set_rate(random.chance(0.5) ? 1 : random.uniform(0.97, 1.03));
    const base::Instant then = kBegin + at + std::chrono::milliseconds{random.below(2000)};
    const auto sight = stage.playback.sight_at(then);
    if (!sight) continue;
    ++seen;
    Playback there = stage.playback;
    there.advance(then, stage.said);
    ASSERT_EQ(there.state(), PlayerState::kPlaying) << n;
    ASSERT_EQ(sight->playable, there.playable()) << n;
    ASSERT_EQ(sight->bitrate, there.bitrate()) << n;
  }
  EXPECT_GT(seen, 300);
  EXPECT_LT(seen, 1700);
}

TEST(Playback, PlaysBeforeThePlayheadMoves) {
  Rules with = rules();
  with.traits.element.sets_off = 40ms;
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

TEST(Playback, StartsInsideASegmentThatIsStillArriving) {
  Stage stage;
  stage.receives(1s, 0s, 400ms);
  EXPECT_EQ(stage.at(1300ms).startup_time, std::nullopt);
  stage.receives(1500ms, 0s, 1200ms);
  EXPECT_EQ(stage.at(2s).startup_time, base::Duration{1600ms});
  stage.receives(2s, 0s, 2s);
  EXPECT_EQ(stage.playback.level(TrackKind::kVideo), base::Duration{1600ms});
}

// The element plays from 1.1 s on, but its playhead stands for 0.2 s.
TEST(Playback, SetsOffAfterItSaysItPlays) {
  Rules with = rules();
  with.traits.element.sets_off = 200ms;
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
  explicit AudioGoesOn(const Rules& with) : Stage{with} {
    playback.seek(0s, true);
    playback.receive(TrackKind::kAudio, {.start = 0s, .end = 20s});
    receives(0s, 0s, 2s);
  }
  static Rules patient() {
    Rules with = rules();
    with.traits.element.without_video = 3s;
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
  Rules with = AudioGoesOn::patient();
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

TEST(Playback, GoesOnWithEnoughMediaThoughThereAreHolesInIt) {
  Rules with = rules();
  with.traits.element.resume_buffer = 3s;
  Stage stage{with};
  stage.receives(0s, 0s, 2s);
  stage.receives(3s, 6s, 8s);
  EXPECT_EQ(stage.at(5s).stalled, base::Duration{2900ms});
  stage.receives(5s, 10s, 12s);
  const PlayerTotals totals = stage.at(7s);
  EXPECT_EQ(totals.stalled, base::Duration{3s});
  EXPECT_EQ(totals.played, base::Duration{3900ms});
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
  const Rules followed = rules();
  Playback playback{followed.traits, followed.watch};
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
  Rules impatient = rules();
  impatient.watch = 1500ms;
  Stage stage{impatient};
  stage.receives(0s, 0s, 2s);
  EXPECT_EQ(stage.at(60s).played, base::Duration{1500ms});
  EXPECT_TRUE(stage.playback.has_watched_enough());
}

TEST(Playback, GoesOnFromWhereTheRestWasForgotten) {
  Stage stage;
  stage.receives(0s, 0s, 4s);
  stage.receives(0s, 4s, 6s);
  EXPECT_EQ(stage.at(1100ms).played, base::Duration{1s});
  stage.playback.complete(TrackKind::kVideo);
  stage.playback.drop_from(TrackKind::kVideo, 2s);
  EXPECT_EQ(stage.playback.level(TrackKind::kVideo), base::Duration{1s});
  stage.receives(1500ms, 2s, 6s);
  EXPECT_EQ(stage.at(4s).stalls, 0u);
}

TEST(Playback, NeverForgetsWhatIsBeforeThePlayhead) {
  Stage stage;
  stage.receives(0s, 0s, 4s);
  stage.at(1100ms);
  stage.playback.drop_from(TrackKind::kVideo, 0s);
  EXPECT_EQ(stage.at(1100ms).stalls, 1u);
  EXPECT_EQ(stage.playback.playhead(), base::Duration{1s});
}

TEST(Playback, CountsAStallThatRunsAtTheEnd) {
  Rules impatient = rules();
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

TEST(Playback, SeeksBackAtOnceIntoTheBackBufferOnly) {
  for (const auto& [kept, buffered] : {std::pair<base::Duration, bool>{0s, false}, {3s, false}, {4s, true}, {10s, true}}) {
    Rules keeping = rules();
    keeping.traits.back_buffer = kept;
    Stage stage{keeping};
    stage.receives(0s, 0s, 20s);
    stage.at(10100ms);
    EXPECT_EQ(stage.playback.jump(6s, stage.said), buffered) << base::to_seconds(kept);
    EXPECT_EQ(stage.playback.playhead(), base::Duration{buffered ? 6s : 10s});
  }
}

TEST(Playback, CountsAPauseFromTheExactInstants) {
  Stage stage;
  stage.receives(0s, 0s, 4s);
  stage.at(1100ms);
  stage.playback.pause(stage.said);
  EXPECT_EQ(stage.playback.next_change(), std::nullopt);
  EXPECT_EQ(stage.at(61100ms).paused, base::Duration{60s});
  stage.playback.unpause(stage.said);
  const PlayerTotals totals = stage.at(65100ms);
  EXPECT_EQ(totals.played, base::Duration{4s});
  EXPECT_EQ(totals.stalled, base::Duration{1s});
}

TEST(Playback, StallsWhenAPauseEndsWithNothingToPlay) {
  Stage stage;
  stage.receives(0s, 0s, 2s);
  stage.at(3100ms);
  stage.playback.pause(stage.said);
  stage.at(5100ms);
  stage.playback.unpause(stage.said);
  const PlayerTotals totals = stage.at(6100ms);
  EXPECT_EQ(totals.stalls, 2u) << "before the pause and after it";
  EXPECT_EQ(totals.stalled, base::Duration{2s});
}

}  // namespace
}  // namespace harness
