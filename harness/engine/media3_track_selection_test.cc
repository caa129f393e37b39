#include "harness/engine/media3_track_selection.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "harness/engine/media3_load_control.h"

namespace harness {
namespace {

using namespace base::literals;

const std::vector<LadderRung> kMedia3Ladder{{300_kbps, 300_kbps, 240}, {1100_kbps, 1100_kbps, 480}, {2500_kbps, 2500_kbps, 720}};

Media3Situation situation(base::Bitrate estimate, base::Duration buffered = 0s) {
  return {.now = base::Instant{100s}, .estimate = estimate, .buffered = buffered, .next_chunk = 2s};
}

TEST(Media3TrackSelection, SpendsSevenTenthsOfTheEstimate) {
  EXPECT_EQ(media3_ideal(kMedia3Ladder, situation(1571_kbps), {}), 0u);  // 1099.7
  EXPECT_EQ(media3_ideal(kMedia3Ladder, situation(1572_kbps), {}), 1u);  // 1100.4
  EXPECT_EQ(media3_ideal(kMedia3Ladder, situation(10_kbps), {}), 0u);
  Media3Situation fast = situation(1600_kbps);
  fast.speed = 1.03;  // 1087
  EXPECT_EQ(media3_ideal(kMedia3Ladder, fast, {}), 0u);
}

TEST(Media3TrackSelection, SetsAsideWhatTheAudioCosts) {
  Media3Situation dash = situation(1754_kbps);
  dash.audio = 128_kbps;
  EXPECT_EQ(media3_ideal(kMedia3Ladder, dash, {}), 0u);  // 1099.8
  dash.estimate = 1755_kbps;
  EXPECT_EQ(media3_ideal(kMedia3Ladder, dash, {}), 1u);  // 1100.5
}

TEST(Media3TrackSelection, PassesOverWhatIsExcluded) {
  Media3Exclusions exclusions;
  exclusions.exclude(1, 3, base::Instant{100s});
  EXPECT_EQ(media3_ideal(kMedia3Ladder, situation(2_Mbps), exclusions), 0u);
  exclusions.exclude(0, 3, base::Instant{100s});
  EXPECT_EQ(media3_ideal(kMedia3Ladder, situation(10_kbps), exclusions), 2u);
}

TEST(Media3TrackSelection, ClimbsFromTenSecondsAndDescendsBelowTwentyFive) {
  const struct {
    base::Bitrate estimate;
    base::Duration buffered;
    std::optional<std::size_t> previous;
    std::size_t choice;
    const char* why;
  } cases[] = {
      {10_Mbps, 0s, std::nullopt, 2, "the first choice knows no buffer"},
      {10_Mbps, 9999ms, 0, 0, "too little to climb"},
      {10_Mbps, 10s, 0, 2, "enough, and by two steps"},
      {1_Mbps, 24999ms, 2, 0, "too little to wait"},
      {1_Mbps, 25s, 2, 2, "enough to wait"},
      {2_Mbps, 0s, 1, 1, "nothing to change"},
  };
  for (const auto& each : cases)
    EXPECT_EQ(media3_choice(kMedia3Ladder, situation(each.estimate, each.buffered), {}, each.previous), each.choice) << each.why;
}

TEST(Media3TrackSelection, LeavesAnExcludedRenditionWhateverTheBuffer) {
  Media3Exclusions exclusions;
  exclusions.exclude(2, 3, base::Instant{100s});
  EXPECT_EQ(media3_choice(kMedia3Ladder, situation(10_Mbps, 40s), exclusions, 2), 1u);
}

TEST(Media3TrackSelection, ClimbsCloseToTheLiveEdgeWithThreeQuartersOfWhatCanBeThere) {
  Media3Situation live = situation(10_Mbps);
  live.available = 6s;
  EXPECT_EQ(media3_buffer_to_climb(live), base::Duration{3s});  // 0.75 x (6 - 2)
  live.available = 30s;
  EXPECT_EQ(media3_buffer_to_climb(live), base::Duration{10s});
  live.available = std::nullopt;
  EXPECT_EQ(media3_buffer_to_climb(live), base::Duration{10s});
}

// What is played is less in the buffer, and less that can be there.
Media3Situation after(Media3Situation now, base::Duration played) {
  now.buffered = std::max<base::Duration>(now.buffered - played, {});
  if (now.available) *now.available -= played;
  return now;
}

TEST(Media3TrackSelection, KeepsItsChoiceForAsLongAsItSays) {
  base::Random random{3};
  int ends = 0, stays = 0;
  for (int n = 0; n < 2000; ++n) {
    Media3Situation now = situation(base::Bitrate::bits_per_second(static_cast<std::int64_t>(random.uniform(2e5, 6e6))),
                                    std::chrono::milliseconds{random.below(40'000)});
    if (random.chance(0.5)) now.available = now.buffered + std::chrono::milliseconds{random.below(20'000)};
    const std::size_t previous = random.below(3), choice = media3_choice(kMedia3Ladder, now, {}, previous);
    const base::Duration lasts = media3_choice_lasts(kMedia3Ladder, now, {}, previous);
    for (base::Duration played{}; played < std::min<base::Duration>(lasts, 45s); played += 50ms)
      ASSERT_EQ(media3_choice(kMedia3Ladder, after(now, played), {}, previous), choice) << n << " after " << played.count();
    (lasts == base::Duration::max() ? stays : ends) += 1;
  }
  EXPECT_GT(ends, 200);
  EXPECT_GT(stays, 200);
}

TEST(Media3TrackSelection, ForeseesNothingWhileARenditionIsExcluded) {
  Media3Exclusions exclusions;
  exclusions.exclude(0, 3, base::Instant{100s});
  EXPECT_EQ(media3_choice_lasts(kMedia3Ladder, situation(2_Mbps, 5s), exclusions, 1), base::Duration{});
}

Media3Queue queue_of(std::uint32_t rendition) {
  Media3Queue queue;
  for (int i = 0; i < 20; ++i) queue.add({.start = i * 2s, .duration = 2s, .bytes = 1, .rendition = rendition});
  return queue;
}

TEST(Media3TrackSelection, CutsALowQueueBehindTwentyFiveSeconds) {
  EXPECT_EQ(media3_cut(queue_of(0), kMedia3Ladder, 2, 3s, 1), base::Duration{28s});
  EXPECT_EQ(media3_cut(queue_of(0), kMedia3Ladder, 2, 3s, 1.03), base::Duration{30s});  // 25.75 s of media
  EXPECT_FALSE(media3_cut(queue_of(0), kMedia3Ladder, 0, 3s, 1)) << "it is ideal";
  EXPECT_FALSE(media3_cut(queue_of(0), kMedia3Ladder, 2, 20s, 1)) << "the last segment starts 18 s ahead";
}

TEST(Media3TrackSelection, NeverCutsWhatIs720LinesTall) {
  const std::vector<LadderRung> tall{{1_Mbps, 1_Mbps, 720}, {4_Mbps, 4_Mbps, 1080}};
  EXPECT_FALSE(media3_cut(queue_of(0), tall, 1, 3s, 1));
}

TEST(Media3LoadControl, LoadsUntilFiftySecondsOrTheMemoryIsFull) {
  EXPECT_TRUE(media3_loads_on(49999ms, 0_B, 50s));
  EXPECT_FALSE(media3_loads_on(50s, 0_B, 50s));
  EXPECT_FALSE(media3_loads_on(10s, 144'179'200_B, 50s));
  EXPECT_TRUE(media3_loads_on(499ms, 144'179'199_B, 0s));
}

}  // namespace
}  // namespace harness
