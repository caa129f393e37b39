#include "server/transcode/slot_grid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "server/transcode/source_clock.h"

namespace server {
namespace {
using namespace std::chrono_literals;
using testing::ElementsAre;

// A source of 30 pictures a second with sound, and what the grid made of it. Times are media times; the source's own timestamps are
// off by kSourceClock.
class Script {
 public:
  static constexpr base::Duration kSourceClock = 1000s;

  void sends(base::Duration from, base::Duration until, bool sound = true) {
    const SlotGeometry geometry{FrameRate{30, 1}};
    for (std::int64_t k = geometry.nearest_frame(from); geometry.frame_time(k) < until; ++k) sends_picture(geometry.frame_time(k), sound);
  }
  void sends_picture(base::Duration at, bool sound = true) { sends_picture(at, at + kSourceClock + skew, sound); }
  void sends_picture(base::Duration at, base::Duration timestamp, bool sound) {
    take(grid.video(at, clock.picture(at, timestamp, grid.is_running() ? grid.position() : base::Duration{})));
    if (sound) take(grid.audio(*clock.media_time_of(timestamp), 1600));
  }
  void is_silent(base::Duration from, base::Duration until) {
    for (base::Duration at = from; at <= until; at += 20ms) take(grid.tick(at));
  }
  void take(const GridActions& actions) {
    for (const GridAction& action : actions) {
      if (const auto* video = std::get_if<EncodeVideo>(&action)) note(*video);
      if (const auto* done = std::get_if<CompleteSlot>(&action)) slots.push_back(done->slot), complete.push_back(done->slot);
      if (const auto* gap = std::get_if<GapSlot>(&action)) slots.push_back(gap->slot), gaps.push_back(gap->slot);
      if (const auto* silence = std::get_if<EncodeSilence>(&action)) silent_samples += silence->samples;
    }
  }
  void note(const EncodeVideo& video) {
    frames.push_back(video.frame);
    if (video.key) keys.push_back(video.frame);
    if (video.held) held.push_back(video.frame);
  }
  // Every slot once, in order; every complete one with all its frames.
  void expect_whole() const {
    for (std::size_t i = 0; i < slots.size(); ++i) EXPECT_EQ(slots[i], static_cast<std::int64_t>(i));
    for (const std::int64_t slot : complete) {
      for (std::int64_t k = slot * 60; k < slot * 60 + 60; ++k) EXPECT_EQ(std::ranges::count(frames, k), 1) << "frame " << k;
    }
  }

  base::Duration skew{};
  SourceClock clock{{.geometry = SlotGeometry{FrameRate{30, 1}}}};
  SlotGrid grid{{.geometry = SlotGeometry{FrameRate{30, 1}}}};
  std::vector<std::int64_t> frames, keys, held, slots, complete, gaps;
  std::int64_t silent_samples = 0;
};

TEST(SlotGrid, FillsSlotsFromTheFirstPictureOn) {
  Script script;
  script.sends(0s, 6100ms);
  EXPECT_THAT(script.complete, ElementsAre(0, 1, 2));
  EXPECT_THAT(script.keys, ElementsAre(0, 60, 120, 180));
  EXPECT_EQ(script.silent_samples, 0);
  script.expect_whole();
}

TEST(SlotGrid, HoldsTheLastPictureOverASmallHole) {
  Script script;
  script.sends(0s, 1s);
  script.sends(1400ms, 2200ms);
  EXPECT_EQ(script.held.size(), 12U);
  EXPECT_THAT(script.complete, ElementsAre(0));
  EXPECT_EQ(script.grid.losses(), 0U);
  script.expect_whole();
}

TEST(SlotGrid, PutsSilenceWhereSoundIsMissing) {
  Script script;
  script.sends(0s, 1s);
  script.sends(1s, 1200ms, false);
  script.sends(1200ms, 2200ms);
  EXPECT_EQ(script.silent_samples, 9600);
  EXPECT_THAT(script.complete, ElementsAre(0));
}

TEST(SlotGrid, CompletesSlotsOfASourceWithoutSoundAtOnce) {
  Script script;
  script.sends(0s, 2010ms, false);
  EXPECT_THAT(script.complete, ElementsAre(0));
}

TEST(SlotGrid, WaitsForSoundThatTrailsThePictures) {
  Script script;
  script.sends(0s, 1900ms);
  script.sends(1900ms, 2200ms, false);
  EXPECT_THAT(script.complete, ElementsAre());
  script.sends(2200ms, 3s, false);
  EXPECT_THAT(script.complete, ElementsAre(0));
}

TEST(SlotGrid, KeepsJitterOffTheGrid) {
  Script script;
  for (int k = 0; k < 130; ++k) {
    const base::Duration at = SlotGeometry{FrameRate{30, 1}}.frame_time(k);
    script.sends_picture(at, Script::kSourceClock + at + (k % 3 - 1) * 7ms, true);
  }
  EXPECT_TRUE(script.held.empty());
  EXPECT_EQ(script.grid.dropped(), 0U);
}

TEST(SlotGrid, CompletesTheCurrentSlotWhenTheSourceIsLost) {
  Script script;
  script.sends(0s, 2500ms);
  script.is_silent(2500ms, 2960ms);
  EXPECT_THAT(script.complete, ElementsAre(0));
  script.is_silent(2960ms, 3040ms);
  EXPECT_THAT(script.complete, ElementsAre(0, 1));
  EXPECT_FALSE(script.grid.is_running());
  EXPECT_EQ(script.grid.losses(), 1U);
  script.expect_whole();
}

TEST(SlotGrid, PassesGapsOnTheClock) {
  Script script;
  script.sends(0s, 2500ms);
  script.is_silent(2500ms, 5990ms);
  EXPECT_THAT(script.gaps, ElementsAre());
  script.is_silent(6s, 10s);
  EXPECT_THAT(script.gaps, ElementsAre(2, 3, 4));
}

TEST(SlotGrid, ComesBackAtTheNextSlotBoundary) {
  Script script;
  script.sends(0s, 2500ms);
  script.is_silent(2500ms, 8500ms);
  script.clock.connect();
  script.skew = 77s;
  script.sends(8500ms, 12200ms);
  EXPECT_THAT(script.gaps, ElementsAre(2, 3, 4));
  EXPECT_THAT(script.complete, ElementsAre(0, 1, 5));
  EXPECT_THAT(script.keys, ElementsAre(0, 60, 300, 360));
  script.expect_whole();
}

TEST(SlotGrid, ComesBackThoughTheBoundarysOwnPictureIsMissing) {
  Script script;
  script.sends(0s, 2500ms);
  script.is_silent(2500ms, 8500ms);
  script.sends(8500ms, 9950ms);
  script.sends(10100ms, 12200ms);
  EXPECT_THAT(script.complete, ElementsAre(0, 1, 5));
  EXPECT_THAT(script.keys, ElementsAre(0, 60, 300, 360));
  script.expect_whole();
}

TEST(SlotGrid, BeginsNoSlotForAFeedThatFlickers) {
  Script script;
  script.sends(0s, 2500ms);
  script.is_silent(2500ms, 6500ms);
  script.sends(6500ms, 6700ms);
  script.is_silent(6700ms, 12s);
  EXPECT_THAT(script.gaps, ElementsAre(2, 3, 4, 5));
  script.sends(12s, 14100ms);
  EXPECT_THAT(script.complete, ElementsAre(0, 1, 6));
  script.expect_whole();
}

TEST(SlotGrid, DoesNotCountAQuickReconnectAsALoss) {
  Script script;
  script.sends(0s, 2500ms);
  script.clock.connect();
  script.skew = 500s;
  script.sends(2800ms, 4200ms);
  EXPECT_EQ(script.grid.losses(), 0U);
  EXPECT_THAT(script.complete, ElementsAre(0, 1));
  script.expect_whole();
}

TEST(SlotGrid, AnchorsAgainWhenTheSourcesClockJumps) {
  Script script;
  script.sends(0s, 1s);
  script.skew = -3600s;
  script.sends(1s, 4100ms);
  EXPECT_THAT(script.complete, ElementsAre(0, 1));
  EXPECT_TRUE(script.held.empty());
  script.expect_whole();
}

TEST(SlotGrid, DoesNotLetASlowSourceClockRunAway) {
  Script script;
  for (int k = 0; k < 30 * 120; ++k) {
    const base::Duration at = SlotGeometry{FrameRate{30, 1}}.frame_time(k);
    script.sends_picture(at, at * 99 / 100, true);
  }
  EXPECT_GE(script.grid.position(), 120s - 400ms);
  script.expect_whole();
}

TEST(SlotGrid, IgnoresSoundWithABrokenTimestamp) {
  Script script;
  script.sends(0s, 1s);
  script.take(script.grid.audio(*script.clock.media_time_of(Script::kSourceClock + 300s), 1600));
  script.take(script.grid.audio(*script.clock.media_time_of(Script::kSourceClock - 300s), 1600));
  script.sends(1s, 2200ms);
  EXPECT_EQ(script.silent_samples, 0);
  EXPECT_THAT(script.complete, ElementsAre(0));
}

TEST(SlotGrid, EndsAFileWithItsLastPicture) {
  Script script;
  script.sends(0s, 3s);
  script.take(script.grid.finish());
  EXPECT_THAT(script.complete, ElementsAre(0, 1));
  EXPECT_EQ(script.frames.back(), 89);
  EXPECT_TRUE(script.held.empty());
}

// Whatever a source does, no slot is left out, doubled or half filled.
TEST(SlotGrid, KeepsItsPromisesUnderARandomSource) {
  base::Random random{7};
  Script script;
  base::Duration now = 1s;
  script.sends(0s, now);
  for (int round = 0; round < 300; ++round) {
    const base::Duration length = std::chrono::milliseconds{random.below(3000)};
    if (random.below(8) == 0) script.skew += std::chrono::milliseconds{random.below(4000)} - 2s;
    if (random.below(3) == 0) {
      script.is_silent(now, now + length);
    } else {
      script.sends(now, now + length, random.below(5) != 0);
    }
    now += length;
  }
  script.is_silent(now, now + 6s);
  EXPECT_GT(script.complete.size(), 20U);
  EXPECT_GT(script.gaps.size(), 5U);
  script.expect_whole();
}

}  // namespace
}  // namespace server
