#include "harness/engine/dashjs_engine.h"

#include <gtest/gtest.h>

#include "harness/engine/fake_view.h"
#include "harness/engine/ladder_change.h"

namespace harness {
namespace {

using namespace base::literals;
using test::FakeView;

// dash.js at work: its view changes as the test says, and it is asked when its timer runs out.
struct DashJsStage {
  FakeView view;
  DashJsEngine engine;
  std::size_t asked = 1;  // rendition of the last video load

  DashJsStage() { engine.start_rendition(view); }
  std::optional<Load> asks(TrackKind kind = TrackKind::kVideo) {
    const Next next = engine.next(kind, view);
    const Load* load = std::get_if<Load>(&next);
    if (load != nullptr && kind == TrackKind::kVideo) asked = load->rendition;
    return load != nullptr ? std::optional{*load} : std::nullopt;
  }
  base::Instant wakes(TrackKind kind = TrackKind::kVideo) { return std::get<Pause>(engine.next(kind, view)).until; }
  // The segment at next() arrives now; its body took `took`.
  void receives(base::ByteCount size, base::Duration took, TrackKind kind = TrackKind::kVideo, bool cached = false) {
    base::Duration& next = view.nexts[index_of(kind)];
    view.ends[index_of(kind)] = std::max(view.ends[index_of(kind)], next + 2s);
    next += 2s;
    engine.on_download({.track = kind,
                        .rendition = asked,
                        .start = next - 2s,
                        .duration = 2s,
                        .asked = view.time - took,
                        .first_byte = view.time - took,
                        .latest = view.time,
                        .received = size,
                        .cached = cached},
                       view);
    view.time += 50ms;  // whatever the page does with it
  }
};

TEST(DashJsEngine, BeginsWithWhatTheDefaultBitrateAllows) {
  DashJsStage stage;
  EXPECT_EQ(stage.asks()->rendition, 1u);  // 700 of 1000 kbit/s
  stage.view.player.initial_estimate = 200_kbps;
  EXPECT_EQ(stage.engine.start_rendition(stage.view), 0u);
}

// Resource Timing: the first entry of a URL is the one that is found, so that the cache's few milliseconds are no sample.
TEST(DashJsEngine, MeasuresACachedSegmentByWhatItTookTheFirstTime) {
  DashJsStage stage;
  stage.asks();
  stage.receives(175'000_B, 1s);
  const auto once = stage.engine.throughput();
  stage.view.nexts[0] -= 2s;
  stage.receives(175'000_B, 2ms, TrackKind::kVideo, true);
  EXPECT_EQ(stage.engine.throughput(), once);
}

TEST(DashJsEngine, MeasuresNothingByACachedSegmentWhoseFirstTimeIsForgotten) {
  DashJsStage stage;
  stage.asks();
  stage.receives(175'000_B, 2ms, TrackKind::kVideo, true);
  EXPECT_FALSE(stage.engine.throughput());
}

TEST(DashJsEngine, TurnsItsTimerBeforeTheNextSegment) {
  DashJsStage stage;
  stage.asks();
  stage.receives(175'000_B, 1s);
  stage.view.time -= 50ms;
  EXPECT_FALSE(stage.asks());
  EXPECT_LT(stage.wakes() - stage.view.time, base::Duration{20ms});
}

// 1400 kbit/s x 0.9 still pays for 700 only; no request while 16 of 18 s are there.
TEST(DashJsEngine, LooksEveryHalfSecondWhileTheBufferIsFull) {
  DashJsStage stage;
  stage.asks();
  stage.receives(175'000_B, 1s);
  stage.view.ends[0] = 16s;
  EXPECT_FALSE(stage.asks());
  EXPECT_EQ(stage.wakes(), stage.view.time + 500ms);
  stage.view.time += 500ms;
  stage.view.position = 500ms;
  EXPECT_TRUE(stage.asks());
}

TEST(DashJsEngine, HoldsAudioASecondAheadOfVideo) {
  DashJsStage stage;
  stage.view.ends = {4s, 5s};
  EXPECT_FALSE(stage.asks(TrackKind::kAudio));
  stage.view.time += 500ms;
  stage.view.ends[0] = 4100ms;
  EXPECT_TRUE(stage.asks(TrackKind::kAudio));
}

TEST(DashJsEngine, HoldsASegmentOfAudioBeforeTheFirstVideo) {
  DashJsStage stage;
  stage.view.ends = {0s, 1900ms};
  EXPECT_TRUE(stage.asks(TrackKind::kAudio));
  stage.view.ends = {0s, 2s};
  EXPECT_FALSE(stage.asks(TrackKind::kAudio));
}

// 4000 kbit/s pay for the top; the segment under the playhead is of a lower rung.
TEST(DashJsEngine, ReplacesTheBufferFromThePlayheadWhenItRises) {
  DashJsStage stage;
  stage.asks();
  stage.receives(500'000_B, 1s);
  stage.view.at_playhead = 1;
  stage.view.position = 700ms;
  EXPECT_FALSE(stage.asks());  // decided
  stage.view.time += 10ms;
  const auto load = stage.asks();
  ASSERT_TRUE(load);
  EXPECT_EQ(load->rendition, 3u);
  EXPECT_EQ(load->from, base::Duration{700ms});
}

TEST(DashJsEngine, GoesOnBehindTheLastSegmentWhenItFalls) {
  DashJsStage stage;
  stage.asks();
  stage.receives(50'000_B, 1s);  // 400 kbit/s
  stage.view.at_playhead = 1;
  stage.asks();
  stage.view.time += 10ms;
  const auto load = stage.asks();
  ASSERT_TRUE(load);
  EXPECT_EQ(load->rendition, 0u);
  EXPECT_EQ(load->from, base::Duration{2s});
}

// A segment of the second rung at 200 kbit/s: 7 s for 2 s.
void trickles(DashJsStage& stage) {
  Download download{.rendition = stage.asked, .start = 2s, .duration = 2s, .asked = stage.view.time, .expected = 175'000_B};
  for (int event = 1; event <= 11 && !stage.engine.gives_up(download, stage.view); ++event) {
    stage.view.time += 50'500us;
    download.first_byte = download.first_byte.value_or(stage.view.time);
    download.latest = stage.view.time;
    ++download.reports;
    download.received = base::ByteCount::bytes(1263 * event);
    stage.engine.on_progress(download, stage.view);
  }
  ASSERT_TRUE(stage.engine.gives_up(download, stage.view));
  stage.engine.on_abort(download, stage.view);
}

TEST(DashJsEngine, LoadsAnAbandonedSegmentAgainAtALowerRung) {
  DashJsStage stage;
  stage.asks();
  stage.receives(175'000_B, 1s);
  ASSERT_TRUE(stage.asks());
  trickles(stage);
  stage.view.time += 10ms;
  const auto load = stage.asks();
  ASSERT_TRUE(load);
  EXPECT_EQ(load->rendition, 0u);
  EXPECT_EQ(load->from, base::Duration{2s});
}

TEST(DashJsEngine, DoesNotRiseForTenSecondsAfterAnAbandonedSegment) {
  DashJsStage stage;
  stage.asks();
  stage.receives(175'000_B, 1s);
  stage.asks();
  trickles(stage);
  stage.view.time += 9800ms;
  stage.asks();
  for (int i = 0; i < 3; ++i) stage.receives(5'000'000_B, 1s);
  EXPECT_EQ(stage.asks()->rendition, 0u);
  stage.view.time += 1s;
  EXPECT_FALSE(stage.asks());  // now it changes
}

TEST(DashJsEngine, TriesFourTimesASecondApart) {
  DashJsStage stage;
  using What = Remedy::What;
  for (int failures = 1; failures <= 4; ++failures) {
    const Remedy remedy = stage.engine.remedy({.kind = RequestKind::kVideo, .status = 404, .failures = failures}, stage.view);
    EXPECT_EQ(remedy.what, failures < 4 ? What::kRetry : What::kFail);
    EXPECT_EQ(remedy.after, base::Duration{failures < 4 ? 1s : 0s});
  }
  EXPECT_EQ(stage.engine.remedy({.kind = RequestKind::kManifest, .status = 503, .failures = 1}, stage.view).after, base::Duration{500ms});
}

TEST(DashJsEngine, RepeatsAFailedSegmentAsItWas) {
  DashJsStage stage;
  stage.asks();
  stage.receives(500'000_B, 1s);  // would rise
  stage.engine.remedy({.kind = RequestKind::kVideo, .status = 500, .failures = 1}, stage.view);
  EXPECT_EQ(stage.asks()->rendition, 1u);
}

TEST(DashJsBufferLevels, AreAsOldAsTheLastLook) {
  FakeView view;
  dashjs::BufferLevels levels;
  levels.on_playing(view.time);
  view.ends[0] = 10s;
  view.time += 100ms;
  levels.on_append(TrackKind::kVideo, view);
  view.time += 100ms;
  EXPECT_NEAR(levels.at(TrackKind::kVideo, view), 10.1, 1e-9);  // as it was when appended
  view.time += 100ms;
  EXPECT_NEAR(levels.at(TrackKind::kVideo, view), 10.05, 1e-9);  // timeupdate was 50 ms ago
  view.doing = PlayerState::kStalled;
  EXPECT_NEAR(levels.at(TrackKind::kVideo, view), 10, 1e-9);
}

TEST(DashJsEngine, HeedsProgressAgainOnceALookMightFindTheBufferLow) {
  DashJsStage stage;
  stage.view.audio = false;
  stage.asks();
  stage.receives(175'000_B, 1s);
  stage.view.ends[0] = 40s;
  const base::Instant look = stage.wakes(), quiet = stage.engine.quiet_until(stage.view);
  EXPECT_GT(quiet, stage.view.time);
  EXPECT_LE(quiet, look);
  stage.view.position += quiet - stage.view.time - 1ms;
  stage.view.time = quiet - 1ms;
  EXPECT_EQ(stage.wakes(), look);
}

TEST(DashJsEngine, LoadsOnTheSameRenditionWhenALowerOneGoes) {
  DashJsStage stage;
  EXPECT_EQ(stage.asks()->rendition, 1u);
  const auto before = stage.view.rungs;
  stage.view.rungs.erase(stage.view.rungs.begin());
  stage.engine.on_ladder(LadderChange{before, stage.view.rungs}, stage.view);
  EXPECT_EQ(stage.asks()->rendition, 0u);
}

}  // namespace
}  // namespace harness
