#include "harness/player/track.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"

namespace harness {
namespace {

using namespace base::literals;

// Seconds as ticks; segments of `ticks` from `time`.
Track track_of(std::vector<SegmentRun> runs, std::int64_t timescale = 1) {
  Track track;
  SegmentSource source;
  source.timescale = timescale;
  track.add(source);
  for (const SegmentRun& run : runs) track.add(run);
  return track;
}

TEST(Track, FindsTheSegmentThatHoldsTheCursor) {
  const Track track = track_of({{.number = 5, .count = 10, .time = 20, .ticks = 2}});
  EXPECT_EQ(track.after(0s)->number, 5);
  EXPECT_EQ(track.after(20s)->number, 5);
  EXPECT_EQ(track.after(21s)->number, 5);
  EXPECT_EQ(track.after(22s)->number, 6);
  EXPECT_EQ(track.after(39s)->number, 14);
  EXPECT_FALSE(track.after(40s));
}

TEST(Track, TakesASliverOfASegmentAsBehindTheCursor) {
  const Track track = track_of({{.number = 0, .count = 2, .time = 0, .ticks = 2}});
  EXPECT_EQ(track.after(1950ms)->number, 1);
  EXPECT_EQ(track.after(1850ms)->number, 0);
}

// What is kept of where runs lie: whatever was added, read and moved, against looking at one segment after another.
TEST(Track, FindsWhatIsFoundBySearchingFromTheStart) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    base::Random random = base::Random::stream(3, seed);
    const auto between = [&](std::int64_t low, std::int64_t high) { return low + static_cast<std::int64_t>(random.below(high - low + 1)); };
    const std::int64_t timescale = std::array<std::int64_t, 4>{1000, 30'000, 90'000, 1'000'000'000}[random.below(4)];
    const base::Duration shift{between(-5'000'000'000, 5'000'000'000)};
    Track made;
    std::vector<SegmentRun> runs;
    const bool indexed = random.chance(0.3);
    made.add({.timescale = indexed ? 7 : timescale, .shift = shift, .index = indexed ? std::optional{media::ByteRange{}} : std::nullopt});
    std::int64_t time = between(0, timescale), number = 1;
    for (std::int64_t n = between(1, 4); n > 0; --n) {
      const SegmentRun run{.number = number,
                           .count = between(1, 5),
                           .time = time,
                           .ticks = between(timescale / 4, 3 * timescale),
                           .gap = random.chance(0.2)};
      time += run.count * run.ticks + (random.chance(0.3) ? timescale : 0);
      number += run.count;
      runs.push_back(run);
      if (!indexed) made.add(run);
    }
    if (indexed) made.read(0, timescale, runs, {});
    const base::Duration later{between(-1'000'000'000, 1'000'000'000)};
    const Track track = made.moved(later);
    const auto at = [&](std::int64_t ticks) {
      return shift + later + base::Duration{ticks / timescale * 1'000'000'000 + ticks % timescale * 1'000'000'000 / timescale};
    };
    std::vector<Segment> all;
    base::Duration longest{};
    for (const SegmentRun& run : runs)
      for (std::int64_t i = 0; i < run.count; ++i) {
        const std::int64_t ticks = run.time + i * run.ticks;
        all.push_back({.number = run.number + i, .start = at(ticks), .duration = at(ticks + run.ticks) - at(ticks), .gap = run.gap});
        longest = std::max(longest, all.back().duration);
      }
    EXPECT_EQ(track.start(), all.front().start);
    EXPECT_EQ(track.end(), all.back().end());
    EXPECT_NEAR(base::to_seconds(track.longest_segment()), base::to_seconds(longest), 1e-8);
    for (int n = 0; n < 100; ++n) {
      const base::Duration cursor = all[random.below(all.size())].start + base::Duration{between(-2, 2) * (n % 2 == 0 ? 1 : 150'000'000)};
      for (const bool gaps : {true, false}) {
        const auto found = gaps ? track.after(cursor) : track.fetchable_after(cursor);
        const auto right = std::find_if(all.begin(), all.end(), [&](const Segment& each) {
          return each.end() - cursor > std::min<base::Duration>(100ms, each.duration / 2) && (gaps || !each.gap);
        });
        ASSERT_EQ(found.has_value(), right != all.end()) << seed;
        if (!found) continue;
        EXPECT_EQ(found->number, right->number) << seed;
        EXPECT_EQ(found->start, right->start) << seed;
        EXPECT_EQ(found->duration, right->duration) << seed;
      }
    }
  }
}

TEST(Track, StepsOverAHoleBetweenRuns) {
  const Track track = track_of({{.number = 0, .count = 2, .time = 0, .ticks = 2}, {.number = 2, .count = 1, .time = 10, .ticks = 2}});
  EXPECT_EQ(track.after(4s)->start, base::Duration{10s});
  EXPECT_EQ(track.end(), base::Duration{12s});
}

TEST(Track, WalksEverySegmentOnceByItsEnds) {
  const Track track = track_of({{.number = 0, .count = 1000, .time = 0, .ticks = 1001}}, 30000);
  base::Duration cursor{};
  for (std::int64_t n = 0; n < 1000; ++n) {
    const auto segment = track.after(cursor);
    ASSERT_TRUE(segment);
    ASSERT_EQ(segment->number, n);
    cursor = segment->end();
  }
  EXPECT_FALSE(track.after(cursor));
}

// Ticks since 1970 at 90 kHz, in nanoseconds too many for 64 bits; each segment a run of its own, as of audio frames.
TEST(Track, WalksSegmentsDatedByTheEpochToo) {
  constexpr std::int64_t kEpoch = 1'800'000'000 * std::int64_t{90'000};
  Track track;
  track.add({.timescale = 90'000, .shift = -1'800'000'000s});
  std::int64_t time = kEpoch;
  for (std::int64_t n = 0; n < 100; ++n) {
    const std::int64_t ticks = n % 2 == 0 ? 178'560 : 180'480;
    track.add(SegmentRun{.number = n, .time = time, .ticks = ticks});
    time += ticks;
  }
  base::Duration cursor{};
  for (std::int64_t n = 0; n < 100; ++n) {
    const auto segment = track.after(cursor);
    ASSERT_TRUE(segment);
    ASSERT_EQ(segment->number, n);
    cursor = segment->end();
  }
  EXPECT_EQ(cursor, base::Duration{199'466'666'666});
  EXPECT_FALSE(track.after(cursor));
}

TEST(Track, ListsByTheClockWhatHasEnded) {
  const Track track = track_of({{.number = 0, .count = 1'000'000, .time = 0, .ticks = 2, .source = 0, .gap = false, .by_clock = true}});
  EXPECT_EQ(track.end(101s), base::Duration{100s});
  EXPECT_FALSE(track.after(100s, 101s));
  EXPECT_EQ(track.after(100s, 102s)->number, 50);
  EXPECT_FALSE(track.after(0s, -5s));
}

TEST(Track, SurvivesEndlessTimelines) {
  const std::int64_t far = std::int64_t{1} << 61;
  const Track track = track_of({{.number = 0, .count = 1, .time = far, .ticks = far}});
  EXPECT_LE(track.end(), kForever);
  EXPECT_FALSE(track.after(kForever));
}

TEST(Track, TellsSegmentsOfOneNumberApartByTheirStart) {
  const Track track = track_of({{.number = 1, .count = 5, .time = 0, .ticks = 2}, {.number = 1, .count = 5, .time = 10, .ticks = 2}});
  EXPECT_EQ(track.numbered(2, 2s)->start, base::Duration{2s});
  EXPECT_EQ(track.numbered(2, 13s)->start, base::Duration{12s});
}

TEST(Track, PutsAnIndexThatIsReadLateInItsPlace) {
  Track track;
  track.add(SegmentSource{.timescale = 1, .first = 1, .index = media::ByteRange{.offset = 0, .length = 9}});
  track.add(SegmentSource{.timescale = 1, .shift = 4s, .pattern = "later"});
  track.add({.number = 1, .count = 2, .time = 0, .ticks = 2, .source = 1});
  ASSERT_EQ(track.unread(), 0u);
  track.read(0, 1, {{.number = 1, .count = 2, .time = 0, .ticks = 2, .source = 0}}, {100, 130, 150});
  EXPECT_FALSE(track.unread());
  EXPECT_EQ(track.start(), base::Duration{0s});
  EXPECT_EQ(track.end(), base::Duration{8s});
  EXPECT_EQ(track.range(*track.after(2s)), (media::ByteRange{.offset = 130, .length = 20}));
  EXPECT_EQ(track.uri(*track.after(4s)), "later");
}

TEST(Track, FillsInTheTemplateOfTheSegmentsSource) {
  Track track;
  SegmentSource source;
  source.timescale = 1000;
  source.pattern = "$RepresentationID$/$Number%05d$-$Time$.m4s";
  source.representation = "v1";
  track.add(source);
  track.add({.number = 7, .count = 3, .time = 14000, .ticks = 2000});
  EXPECT_EQ(track.uri(*track.numbered(9)), "v1/00009-18000.m4s");
  EXPECT_FALSE(track.numbered(10));
}

Track with_init(const char* uri) {
  Track track;
  SegmentSource source;
  source.init = Address{.uri = uri, .range = {}};
  const std::uint32_t index = track.add(std::move(source));
  track.add({.number = 1, .count = 4, .time = 0, .ticks = 1, .source = index});
  return track;
}

TEST(Track, KnowsWhetherItsInitsAreThoseOfAnother) {
  EXPECT_TRUE(with_init("a.mp4").has_inits_of(with_init("a.mp4")));
  EXPECT_FALSE(with_init("a.mp4").has_inits_of(with_init("b.mp4")));
  EXPECT_FALSE(with_init("a.mp4").has_inits_of(Track{}));
}

}  // namespace
}  // namespace harness
