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
    EXPECT_TRUE(primary.accepts(3s));
    EXPECT_TRUE(backup.accepts(3s));
  }
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
  const auto [first, second] = receive_both(primary, backup, 1500ms);
  expect_in_step(frames_by_time(first), frames_by_time(second));
}

TEST_F(FeedPairTest, KillOfOneSaysNoGoodbyeAndLeavesTheOther) {
  receive_both(primary, backup, 300ms);
  feed.apply(FeedKill{}, kPrimary);
  receive_both(primary, backup, 100ms);  // what was under way
  const auto [first, second] = receive_both(primary, backup, 600ms);
  EXPECT_TRUE(first.empty());
  EXPECT_TRUE(primary.is_connected());  // as far as it can know
  EXPECT_FALSE(second.empty());
  EXPECT_FALSE(feed.stats(kPrimary).connected);
  EXPECT_TRUE(feed.stats(kBackup).connected);
}

TEST_F(FeedPairTest, StopOfOneSaysGoodbyeAndLeavesTheOther) {
  feed.apply(FeedStop{}, kBackup);
  EXPECT_TRUE(eventually([&] { return !backup.is_connected(); }, 1s));
  EXPECT_FALSE(primary.receive(400ms).empty());
}

TEST_F(FeedPairTest, KilledOutputComesBackInStep) {
  feed.apply(FeedKill{}, kPrimary);
  feed.apply(FeedStart{}, kPrimary);
  ASSERT_TRUE(primary.accepts(3s));
  const auto [first, second] = receive_both(primary, backup, 1500ms);
  expect_in_step(frames_by_time(first), frames_by_time(second));
}

TEST_F(FeedPairTest, StallKeepsTheConnectionAndEndsWithAKeyFrame) {
  receive_both(primary, backup, 300ms);
  feed.apply(FeedStall{true}, kPrimary);
  receive_both(primary, backup, 200ms);
  const auto [first, second] = receive_both(primary, backup, 500ms);
  EXPECT_TRUE(first.empty());
  EXPECT_FALSE(second.empty());
  feed.apply(FeedStall{false}, kPrimary);
  const auto video = only(demux(primary.receive(1500ms)), true);
  ASSERT_FALSE(video.empty());
  EXPECT_TRUE(primary.is_connected());
  EXPECT_EQ(feed.stats(kPrimary).connects, 1u);
  EXPECT_GT(video.front().size, 2 * video[1].size);  // a key frame
}

TEST_F(FeedPairTest, RestartOfOneBeginsAtZeroInStepWithTheOther) {
  const Bytes before = receive_both(primary, backup, 1200ms).first;
  feed.apply(FeedRestart{}, kPrimary);
  ASSERT_TRUE(primary.accepts(3s));
  const auto [first, second] = receive_both(primary, backup, 1500ms);
  const auto video = only(demux(first), true);
  ASSERT_FALSE(video.empty());
  EXPECT_EQ(video.front().dts, 1100ms);  // the muxer's zero: a second of headroom, and how far the PCR runs ahead
  EXPECT_GT(only(demux(before), true).back().dts, video.front().dts);
  expect_in_step(frames_by_time(first), frames_by_time(second));
}

TEST_F(FeedPairTest, CommandToBothIsEffectiveWithTheSamePicture) {
  receive_both(primary, backup, 300ms);
  feed.apply(FeedBlack{true});
  const auto [first, second] = receive_both(primary, backup, 1s);
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
  backup.serves_until(
      [&] {
        is_accepted = is_accepted || primary.accepts(0s);
        if (is_accepted) primary.append(stream);
        return false;
      },
      2s);
  expect_in_step(frames_by_time(stream), frames_by_time(backup.flv(), "flv"));
}

}  // namespace
}  // namespace generators
