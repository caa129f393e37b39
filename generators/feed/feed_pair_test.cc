#include <gtest/gtest.h>

#include <map>

#include "generators/feed/receivers_for_test.h"

namespace generators {
namespace {

constexpr std::size_t kPrimary = 0, kBackup = 1;

class FeedPairTest : public FeedTest {
 protected:
  FeedPairTest() {
    feed.start();
    EXPECT_TRUE(primary.accepts(feed, kPrimary));
    EXPECT_TRUE(backup.accepts(feed, kBackup));
  }
  // What both send until so long from now.
  std::pair<Bytes, Bytes> both_for(base::Duration time) { return receive_both(primary, backup, base::utc_now() + time); }
  SrtReceiver primary, backup;
  Feed feed{{.file = file_, .to = {at(primary), at(backup)}}};
};

// Which frame each wall clock stands for.
std::map<base::UtcTime, std::uint64_t> frames_by_time(const Bytes& stream, const char* format = "mpegts") {
  std::map<base::UtcTime, std::uint64_t> frames;
  for (const Decoded& picture : only(decoded(stream, format), true))
    if (picture.timecode && picture.identity) frames[*picture.timecode] = *picture.identity;
  return frames;
}

// Requires of both streams: where they overlap, the same frame for each wall clock, up to what one had not received yet when the test
// stopped.
void expect_in_step(const std::map<base::UtcTime, std::uint64_t>& one, const std::map<base::UtcTime, std::uint64_t>& other) {
  ASSERT_FALSE(one.empty() || other.empty());
  const base::UtcTime from = std::max(one.begin()->first, other.begin()->first),
                      until = std::min(one.rbegin()->first, other.rbegin()->first);
  int common = 0;
  for (auto at = one.lower_bound(from); at != one.end() && at->first <= until; ++at, ++common) {
    const auto found = other.find(at->first);
    ASSERT_NE(found, other.end()) << common;
    EXPECT_EQ(found->second, at->second) << common;
  }
  EXPECT_GT(common, 5);
}

TEST_F(FeedPairTest, SendsTheSameFramesWithTheSameWallClock) {
  const auto [first, second] = both_for(1500ms);
  expect_in_step(frames_by_time(first), frames_by_time(second));
}

TEST_F(FeedPairTest, KillOfOneSaysNoGoodbyeAndLeavesTheOther) {
  Bytes first = primary.receive_pictures(1);
  feed.apply(FeedKill{}, kPrimary);
  const base::UtcTime killed = base::utc_now();
  const Bytes second = backup.receive(killed + 500ms);
  primary.append(first);
  EXPECT_LT(latest_picture(first), killed);
  EXPECT_TRUE(primary.is_connected());  // as far as it can know
  EXPECT_GE(latest_picture(second), killed + 500ms);
  EXPECT_FALSE(feed.stats(kPrimary).connected);
  EXPECT_TRUE(feed.stats(kBackup).connected);
}

TEST_F(FeedPairTest, StopOfOneSaysGoodbyeAndLeavesTheOther) {
  feed.apply(FeedStop{}, kBackup);
  const base::UtcTime stopped = base::utc_now();
  EXPECT_TRUE(eventually([&] { return !backup.is_connected(); }));
  EXPECT_GE(latest_picture(primary.receive(stopped)), stopped);
}

TEST_F(FeedPairTest, KilledOutputComesBackInStep) {
  feed.apply(FeedKill{}, kPrimary);
  feed.apply(FeedStart{}, kPrimary);
  ASSERT_TRUE(primary.accepts(feed, kPrimary, 2));
  const auto [first, second] = both_for(1500ms);
  expect_in_step(frames_by_time(first), frames_by_time(second));
}

TEST_F(FeedPairTest, StallKeepsTheConnectionAndEndsWithAKeyFrame) {
  Bytes first = primary.receive_pictures(1);
  feed.apply(FeedStall{true}, kPrimary);
  const base::UtcTime stalled = base::utc_now();
  EXPECT_GE(latest_picture(backup.receive(stalled + 500ms)), stalled + 500ms);
  primary.append(first);
  EXPECT_LT(latest_picture(first), stalled);
  feed.apply(FeedStall{false}, kPrimary);
  const auto video = only(demux(primary.receive_pictures(2)), true);
  ASSERT_GE(video.size(), 2u);
  EXPECT_TRUE(primary.is_connected());
  EXPECT_EQ(feed.stats(kPrimary).connects, 1u);
  EXPECT_GT(video.front().size, 2 * video[1].size);  // a key frame
}

TEST_F(FeedPairTest, RestartOfOneBeginsAtZeroInStepWithTheOther) {
  const Bytes before = both_for(1200ms).first;
  feed.apply(FeedRestart{}, kPrimary);
  ASSERT_TRUE(primary.accepts(feed, kPrimary, 2));
  const auto [first, second] = both_for(1500ms);
  const auto video = only(demux(first), true);
  ASSERT_FALSE(video.empty());
  EXPECT_EQ(video.front().dts, 1100ms);  // the muxer's zero: a second of headroom, and how far the PCR runs ahead
  EXPECT_GT(only(demux(before), true).back().dts, video.front().dts);
  expect_in_step(frames_by_time(first), frames_by_time(second));
}

TEST_F(FeedPairTest, CommandToBothIsEffectiveWithTheSamePicture) {
  both_for(300ms);
  feed.apply(FeedBlack{true});
  const auto [first, second] = both_for(1s);
  const auto first_black = [](const Bytes& stream) -> std::optional<base::UtcTime> {
    for (const Decoded& picture : only(decoded(stream), true))
      if (picture.luma < 20) return picture.timecode;
    return std::nullopt;
  };
  ASSERT_TRUE(first_black(first));
  EXPECT_EQ(first_black(first), first_black(second));
}

TEST_F(FeedTest, PairMayUseBothProtocols) {
  SrtReceiver primary;
  RtmpReceiver backup;
  Feed feed{{.file = file_, .to = {at(primary), at(backup)}}};
  feed.start();
  Bytes stream;
  bool is_accepted = false;
  const base::UtcTime until = base::utc_now() + 2s;
  const auto have_come = [&] {
    is_accepted = is_accepted || primary.accepts(0s);
    if (is_accepted) primary.append(stream);
    return latest_picture(stream) >= until && latest_picture(backup.flv(), "flv") >= until;
  };
  EXPECT_TRUE(backup.serves_until(have_come, kLongest, kLook));
  expect_in_step(frames_by_time(stream), frames_by_time(backup.flv(), "flv"));
}

}  // namespace
}  // namespace generators
