#include "harness/engine/hlsjs_engine.h"

#include <gtest/gtest.h>

namespace harness {
namespace {

using namespace base::literals;

constexpr std::size_t kVideoTrack = index_of(TrackKind::kVideo), kAudioTrack = index_of(TrackKind::kAudio);

// A player of 2 s segments whose state a test writes down.
struct WrittenView final : PlayerView {
  base::Instant time{1000s};
  Device player{.name = "test", .engine = EngineKind::kHlsJs, .buffer_target = 30s, .initial_estimate = 500_kbps};
  std::vector<LadderRung> rungs{
      {.peak = 500_kbps, .average = 400_kbps}, {.peak = 1_Mbps, .average = 800_kbps}, {.peak = 4_Mbps, .average = 3_Mbps}};
  std::size_t first = 1;
  PlayerState playing = PlayerState::kPlaying;
  std::array<base::Duration, 2> levels{}, ends{};
  std::array<std::optional<Download>, 2> on_its_way{};
  bool live = false, audio = true;

  base::Instant now() const override { return time; }
  const Device& device() const override { return player; }
  const std::vector<LadderRung>& ladder() const override { return rungs; }
  std::size_t first_listed() const override { return first; }
  PlayerState state() const override { return playing; }
  base::Duration playhead() const override { return {}; }
  double rate() const override { return 1; }
  bool has(TrackKind kind) const override { return kind == TrackKind::kVideo || audio; }
  base::Duration level(TrackKind kind) const override { return levels[index_of(kind)]; }
  base::Duration next(TrackKind kind) const override { return ends[index_of(kind)]; }
  const Download* running(TrackKind kind) const override {
    const auto& download = on_its_way[index_of(kind)];
    return download ? &*download : nullptr;
  }
  base::Duration segment_duration(TrackKind) const override { return 2s; }
  std::optional<base::Duration> segment_start(TrackKind, base::Duration position) const override { return position; }
  base::Duration buffered_end(TrackKind kind) const override { return ends[index_of(kind)]; }
  std::optional<std::size_t> buffered_rendition(base::Duration) const override { return std::nullopt; }
  bool is_live() const override { return live; }
  bool is_listed(std::size_t) const override { return true; }
  base::Duration target_duration() const override { return 2s; }
  std::optional<base::Duration> end(TrackKind) const override { return std::nullopt; }
  std::optional<base::Duration> live_delay() const override { return std::nullopt; }
};

struct Played {
  WrittenView view;
  HlsJsEngine engine{view.player};

  std::optional<Load> asks(TrackKind kind) {
    const Next next = engine.next(kind, view);
    return std::holds_alternative<Load>(next) ? std::optional{std::get<Load>(next)} : std::nullopt;
  }
  base::Duration waits(TrackKind kind) { return std::get<Pause>(engine.next(kind, view)).until - view.time; }
  // The next segment of the track arrives now, `took` after the call.
  void receives(TrackKind kind, base::Duration took, base::ByteCount size, std::size_t rendition = 1) {
    const base::Duration start = std::exchange(view.ends[index_of(kind)], view.ends[index_of(kind)] + 2s);
    view.levels[index_of(kind)] += 2s;
    engine.on_download({.track = kind,
                        .rendition = rendition,
                        .start = start,
                        .duration = 2s,
                        .asked = view.time - took,
                        .first_byte = view.time - took + 50ms,
                        .latest = view.time,
                        .received = size},
                       view);
  }
  // The first segments are here, and what they wait for is over.
  void begins() {
    engine.start_rendition(view);
    receives(TrackKind::kAudio, 200ms, 24'000_B);
    receives(TrackKind::kVideo, 1s, 200'000_B);
    view.time += 1s;
  }
};

TEST(HlsJsEngine, StartsAtTheFirstListedLevelUpToFiveMegabits) {
  struct Row {
    std::size_t first;
    base::Bitrate top;
    std::size_t start;
  };
  for (const Row& row : {Row{1, 4_Mbps, 1}, Row{2, 4_Mbps, 2}, Row{2, 6_Mbps, 1}}) {
    Played played;
    played.view.first = row.first;
    played.view.rungs[2].peak = row.top;
    EXPECT_EQ(played.engine.start_rendition(played.view), row.start) << row.top.bps();
  }
}

TEST(HlsJsEngine, AsksForTheSecondSegmentsOnceBothFirstOnesAreHere) {
  Played played;
  played.engine.start_rendition(played.view);
  EXPECT_TRUE(played.asks(TrackKind::kVideo));
  played.receives(TrackKind::kVideo, 1s, 200'000_B);
  EXPECT_FALSE(played.asks(TrackKind::kVideo)) << "audio is missing";
  played.view.time += 3s;
  played.receives(TrackKind::kAudio, 3s, 24'000_B);
  EXPECT_EQ(played.waits(TrackKind::kVideo), 19ms);
  played.view.time += 19ms;
  EXPECT_TRUE(played.asks(TrackKind::kVideo));
}

// The ticks count from 8.6 ms after the manifest; the worker needs 53.5 ms from the first segment on.
TEST(HlsJsEngine, AppendsTheFirstAudioWithATick) {
  Played played;
  played.engine.start_rendition(played.view);
  played.receives(TrackKind::kAudio, 200ms, 24'000_B);
  played.view.time += 50ms;
  played.receives(TrackKind::kVideo, 1s, 200'000_B);  // parsed 10 ms later
  EXPECT_EQ(played.waits(TrackKind::kVideo), 108600us + 19ms - 50ms);
}

TEST(HlsJsEngine, AsksForTheSecondAudioBesideVideoOrWithTheTickAfterTheFirstSegmentsRelease) {
  Played played;
  played.engine.start_rendition(played.view);
  const base::Instant released = played.view.time + 108600us;
  played.receives(TrackKind::kAudio, 200ms, 24'000_B);
  played.view.time += 50ms;
  played.receives(TrackKind::kVideo, 1s, 200'000_B);
  played.view.time = released + 19ms;
  EXPECT_EQ(played.waits(TrackKind::kAudio), 81ms) << "video waits for a playlist";
  played.view.on_its_way[0] = Download{.track = TrackKind::kVideo, .start = 2s, .duration = 2s, .asked = played.view.time};
  EXPECT_TRUE(played.asks(TrackKind::kAudio)) << "video is asked for";
  played.view.on_its_way[0].reset();
  played.view.time = released + 100ms;
  EXPECT_TRUE(played.asks(TrackKind::kAudio)) << "the next tick";
}

TEST(HlsJsEngine, NeedsNoAudioWhereThereIsNone) {
  Played played;
  played.view.audio = false;
  played.engine.start_rendition(played.view);
  played.receives(TrackKind::kVideo, 1s, 200'000_B);
  EXPECT_EQ(played.waits(TrackKind::kVideo), 53500us + 19ms);
}

TEST(HlsJsEngine, BuffersSixtyMegabytes) {
  struct Row {
    base::Bitrate peak;
    base::Duration most;
  };
  for (const Row& row : {Row{2_Mbps, 240s}, Row{100_kbps, 600s}, Row{40_Mbps, 30s}}) {
    Played played;
    played.view.rungs = {{.peak = row.peak, .average = row.peak}};
    played.view.first = 0;
    played.begins();
    played.view.levels[kVideoTrack] = row.most - 1ms;
    EXPECT_TRUE(played.asks(TrackKind::kVideo)) << row.peak.bps();
    played.view.levels[kVideoTrack] = row.most;
    EXPECT_FALSE(played.asks(TrackKind::kVideo)) << row.peak.bps();
    EXPECT_LE(played.waits(TrackKind::kVideo), 101ms) << "the next tick";
  }
}

TEST(HlsJsEngine, StepsUpAfterAFastSegment) {
  Played played;
  played.begins();
  EXPECT_EQ(played.asks(TrackKind::kVideo)->rendition, 1u);  // 1.6 Mbit in about a second
  played.receives(TrackKind::kVideo, 100ms, 2'000'000_B);
  EXPECT_EQ(played.asks(TrackKind::kVideo)->rendition, 2u);
}

TEST(HlsJsEngine, AsksForAudioBesideVideo) {
  Played played;
  played.begins();
  played.receives(TrackKind::kVideo, 1s, 200'000_B);
  played.view.on_its_way[kVideoTrack] = Download{.start = 4s, .duration = 2s, .asked = played.view.time + 5ms};
  EXPECT_EQ(played.asks(TrackKind::kAudio)->pause, 5700us);
  played.view.ends[kAudioTrack] = 6s;
  EXPECT_FALSE(played.asks(TrackKind::kAudio)) << "it begins behind the video on its way";
}

TEST(HlsJsEngine, AudioDoesNotOvertakeTheCallForTheVideoBesideIt) {
  Played played;
  played.begins();
  played.receives(TrackKind::kVideo, 1s, 200'000_B);
  played.receives(TrackKind::kAudio, 200ms, 24'000_B);
  const auto pause_with_video_called = [&](base::Duration later) {
    played.view.on_its_way[kVideoTrack] = Download{.start = 4s, .duration = 2s, .asked = played.view.time + later};
    return played.asks(TrackKind::kAudio)->pause;
  };
  EXPECT_EQ(pause_with_video_called(5ms), 5700us);
  EXPECT_EQ(pause_with_video_called(1ms), 3400us) << "its own time is longer";
  EXPECT_EQ(pause_with_video_called(-1ms), 3400us);
}

TEST(HlsJsEngine, AudioThatIsBehindVideoKeepsItsOwnTime) {
  Played played;
  played.begins();
  played.receives(TrackKind::kVideo, 1s, 200'000_B);
  played.receives(TrackKind::kVideo, 1s, 200'000_B);
  played.receives(TrackKind::kAudio, 200ms, 24'000_B);
  played.view.on_its_way[kVideoTrack] = Download{.start = 6s, .duration = 2s, .asked = played.view.time + 5ms};
  EXPECT_EQ(played.asks(TrackKind::kAudio)->pause, 3400us);
}

TEST(HlsJsEngine, AsksForNoLiveAudioUntilVideoIsParsed) {
  Played played;
  played.view.live = true;
  played.engine.start_rendition(played.view);
  EXPECT_FALSE(played.asks(TrackKind::kAudio));
  played.receives(TrackKind::kVideo, 1s, 200'000_B);
  EXPECT_EQ(played.waits(TrackKind::kAudio), 53500us);
  played.view.time += 54ms;
  EXPECT_TRUE(played.asks(TrackKind::kAudio));
}

TEST(HlsJsEngine, KeepsToTheForcedLevelUntilItsSegmentIsHere) {
  Played played;
  played.begins();
  played.engine.remedy({.kind = RequestKind::kVideo, .rendition = 1, .status = 404}, played.view);
  EXPECT_EQ(played.asks(TrackKind::kVideo)->rendition, 0u);
  played.receives(TrackKind::kVideo, 50ms, 2'000'000_B, 0);
  EXPECT_EQ(played.asks(TrackKind::kVideo)->rendition, 2u);
}

TEST(HlsJsEngine, HeedsProgressAgainOnceAudioIsNoLongerFull) {
  Played played;
  played.engine.start_rendition(played.view);
  played.asks(TrackKind::kVideo);
  played.asks(TrackKind::kAudio);
  played.receives(TrackKind::kVideo, 100ms, 100'000_B);
  played.receives(TrackKind::kAudio, 100ms, 30'000_B);
  played.view.time += 1s;
  played.view.levels = {200s, 600s};
  EXPECT_EQ(played.engine.quiet_until(played.view), base::Instant{});  // video waits, and its choice is by the buffer
  played.view.on_its_way[kVideoTrack] = Download{.start = 2s, .duration = 2s, .asked = played.view.time, .latest = played.view.time};
  const base::Duration wait = played.waits(TrackKind::kAudio);
  const base::Duration quiet = played.engine.quiet_until(played.view) - played.view.time;
  EXPECT_GT(quiet, base::Duration{});
  EXPECT_LT(quiet, wait);
  played.view.levels[kAudioTrack] -= quiet;
  EXPECT_FALSE(played.asks(TrackKind::kAudio));
  played.view.levels[kAudioTrack] -= 1ms;
  EXPECT_TRUE(played.asks(TrackKind::kAudio));
}

}  // namespace
}  // namespace harness
