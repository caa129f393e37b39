#include "server/transcode/slot_geometry.h"

#include <gtest/gtest.h>

namespace server {
namespace {
using namespace std::chrono_literals;

const SlotGeometry kFilm{FrameRate{30000, 1001}};
const SlotGeometry kThirty{FrameRate{30, 1}};

TEST(FrameRate, SnapsToTheBroadcastRates) {
  EXPECT_EQ(snap_frame_rate(29.97), (FrameRate{30000, 1001}));
  EXPECT_EQ(snap_frame_rate(23.976), (FrameRate{24000, 1001}));
  EXPECT_EQ(snap_frame_rate(30.001), (FrameRate{30, 1}));
  EXPECT_EQ(snap_frame_rate(15.2), (FrameRate{15, 1}));
  EXPECT_EQ(snap_frame_rate(1000), (FrameRate{120, 1}));
}

TEST(SlotGeometry, GivesEverySlotAtWholeRatesTheSameFrames) {
  for (std::int64_t slot = 0; slot < 1000; ++slot) EXPECT_EQ(kThirty.first_frame(slot), slot * 60);
}

TEST(SlotGeometry, PutsEachFrameIntoTheSlotItStartsIn) {
  for (std::int64_t frame = 0; frame < 5000; ++frame) {
    const std::int64_t slot = kFilm.slot_of_frame(frame);
    EXPECT_GE(frame, kFilm.first_frame(slot));
    EXPECT_LT(frame, kFilm.first_frame(slot + 1));
    EXPECT_EQ(kFilm.slot_starting_at_or_after(frame), frame == kFilm.first_frame(slot) ? slot : slot + 1);
  }
}

TEST(SlotGeometry, PutsEachAacFrameIntoTheSlotItStartsIn) {
  for (std::int64_t slot = 0; slot < 1000; ++slot) {
    const std::int64_t first = kThirty.first_aac_frame(slot);
    EXPECT_GE(first * 1024, slot * 96000);
    EXPECT_LT((first - 1) * 1024, slot * 96000);
    EXPECT_EQ(kThirty.slot_of_aac_frame(first), slot);
  }
}

TEST(SlotGeometry, FindsAFrameByItsTimeAfterAYear) {
  for (const std::int64_t frame : {0LL, 1LL, 999LL, 30LL * 86400 * 365 + 7}) {
    EXPECT_EQ(kFilm.nearest_frame(kFilm.frame_time(frame)), frame);
    EXPECT_EQ(kFilm.nearest_frame(kFilm.frame_time(frame) + 16ms), frame);
    EXPECT_EQ(kFilm.nearest_frame(kFilm.frame_time(frame) - 16ms), frame);
  }
}

TEST(SlotGeometry, StartsEveryFrameOnAWholeUnit) {
  for (const FrameRate rate : {FrameRate{24000, 1001}, FrameRate{25, 1}, FrameRate{60000, 1001}, FrameRate{17, 1}}) {
    const SlotGeometry geometry{rate};
    EXPECT_DOUBLE_EQ(geometry.video_timescale() / rate.per_second(), geometry.video_units_per_frame());
  }
  EXPECT_EQ(kThirty.video_timescale(), 90000U);
}

}  // namespace
}  // namespace server
