#include "server/package/presentation.h"

#include <gtest/gtest.h>

#include "server/package/presentation_for_test.h"
#include "server/package/streams.h"

namespace server {
namespace {

TEST(Presentation, IsNotReadyBeforeItsFirstSegments) {
  Presentation live{live_options(), two_tracks()};
  publish(live, 0, 2);
  EXPECT_EQ(live.snapshot(), nullptr);
  publish(live, 2, 3);
  ASSERT_NE(live.snapshot(), nullptr);
  EXPECT_EQ(live.snapshot()->tracks[1].listed.size(), 3U);
}

TEST(Presentation, ShowsVideoOnDemandOnlyWhenItIsComplete) {
  Presentation::Options options = live_options();
  options.live = false;
  Presentation vod{options, two_tracks()};
  publish(vod, 0, 20);
  EXPECT_EQ(vod.snapshot(), nullptr);
  vod.end();
  ASSERT_NE(vod.snapshot(), nullptr);
  EXPECT_EQ(vod.snapshot()->tracks[0].listed.size(), 20U);
}

TEST(Presentation, SlidesItsWindow) {
  Presentation live{live_options(), two_tracks()};
  publish(live, 0, 30);
  const SnapshotPtr now = live.snapshot();
  for (const TrackSnapshot& track : now->tracks) {
    EXPECT_EQ(track.listed.front().number, 22);
    EXPECT_EQ(track.listed.back().number, 29);
    EXPECT_EQ(track.retained.front().number, 14);
    EXPECT_EQ(track.retained.back().number, 21);
  }
}

TEST(Presentation, LeavesEarlierSnapshotsAlone) {
  Presentation live{live_options(), two_tracks()};
  publish(live, 0, 3);
  const SnapshotPtr before = live.snapshot();
  publish(live, 3, 30);
  EXPECT_EQ(before->tracks[0].listed.back().number, 2);
  EXPECT_GT(live.snapshot()->version, before->version);
}

TEST(FindSegment, KnowsASegmentByNumberAndByTime) {
  Presentation live{live_options(), two_tracks()};
  publish(live, 0, 10);
  const SnapshotPtr now = live.snapshot();
  const TrackSnapshot& video = now->tracks[0];
  ASSERT_NE(find_segment(video, "9.m4s"), nullptr);
  EXPECT_EQ(*find_segment(video, "9.m4s")->bytes, "v9");
  EXPECT_EQ(find_segment(video, "t1620000.m4s"), find_segment(video, "9.m4s"));
  EXPECT_EQ(*find_segment(now->tracks[1], "t864256.m4s")->bytes, "a9");
}

TEST(FindSegment, FindsRetainedOnes) {
  Presentation live{live_options(), two_tracks()};
  publish(live, 0, 10);
  const SnapshotPtr now = live.snapshot();
  ASSERT_NE(find_segment(now->tracks[0], "1.m4s"), nullptr);
  EXPECT_EQ(*find_segment(now->tracks[0], "1.m4s")->bytes, "v1");
}

TEST(FindSegment, FindsNothingForOtherNames) {
  Presentation live{live_options(), two_tracks()};
  publish(live, 0, 10);
  publish_gap(live, 10);
  const SnapshotPtr now = live.snapshot();
  for (const char* name : {"10.m4s", "11.m4s", "t1.m4s", "-1.m4s", "09.m4s", "9.mp4", "9", ".m4s", "t.m4s", "t-1.m4s", "9x.m4s", "",
                           "99999999999999999999.m4s", "+9.m4s", "init.mp4"}) {
    EXPECT_EQ(find_segment(now->tracks[0], name), nullptr) << name;
  }
}

TEST(StreamState, HasAName) {
  EXPECT_STREQ(to_text(StreamState::kStarting), "starting");
  EXPECT_STREQ(to_text(StreamState::kNoFeed), "no-feed");
}

}  // namespace
}  // namespace server
