#include <gtest/gtest.h>

#include <cmath>

#include "generators/feed/receivers_for_test.h"

namespace generators {
namespace {

class FeedDegradeTest : public FeedTest {
 protected:
  FeedDegradeTest() {
    feed.start();
    EXPECT_TRUE(receiver.accepts(feed));
  }
  // Goes on receiving for so long. Returns: when the command was given.
  base::UtcTime after(const FeedCommand& command, base::Duration time) {
    const base::UtcTime now = base::utc_now();
    feed.apply(command);
    passes(time);
    return now;
  }
  void passes(base::Duration time) {
    const Bytes more = receiver.receive(time);
    stream.insert(stream.end(), more.begin(), more.end());
  }
  std::vector<Decoded> pictures() const { return only(decoded(stream), true); }
  SrtReceiver receiver;
  Feed feed{to(receiver)};
  Bytes stream;
};

// A picture that was due before the command is as it was, one due 80 ms after it is not (the one under way and its rounding between).
template <class Claim>
void expect_from(const std::vector<Decoded>& pictures, base::UtcTime when, base::UtcTime until, Claim claim) {
  int after = 0;
  for (const Decoded& picture : pictures) {
    ASSERT_TRUE(picture.timecode);
    if (*picture.timecode < when) {
      EXPECT_FALSE(claim(picture));
    } else if (*picture.timecode > when + 80ms && *picture.timecode < until) {
      EXPECT_TRUE(claim(picture));
      ++after;
    }
  }
  EXPECT_GT(after, 5);
}

TEST_F(FeedDegradeTest, BlackIsBlackFromTheNextPictureOn) {
  passes(500ms);
  const base::UtcTime black = after(FeedBlack{true}, 800ms), colour = after(FeedBlack{false}, 500ms);
  const auto seen = pictures();
  expect_from(seen, black, colour, [](const Decoded& picture) { return std::abs(picture.luma - 16) < 1; });
  EXPECT_GT(seen.back().luma, 25);
  EXPECT_TRUE(seen.back().identity);
}

TEST_F(FeedDegradeTest, FreezeHoldsTheLastPictureWhileTheWallClockGoesOn) {
  passes(700ms);
  const base::UtcTime frozen = after(FeedFreeze{true}, 800ms), moving = after(FeedFreeze{false}, 600ms);
  std::optional<std::uint64_t> held, last_before;
  for (const Decoded& picture : pictures()) {
    ASSERT_TRUE(picture.identity && picture.timecode);
    if (*picture.timecode < frozen) last_before = picture.identity;
    if (*picture.timecode > frozen + 80ms && *picture.timecode < moving) {
      if (!held) held = picture.identity;
      EXPECT_EQ(picture.identity, held);
    }
  }
  ASSERT_TRUE(held && last_before);
  EXPECT_LE((*held + 25 - *last_before) % 25, 2u);
  const auto seen = pictures();
  EXPECT_NE(seen.back().identity, held);
  EXPECT_EQ((*seen[seen.size() - 2].identity + 1) % 25, *seen.back().identity);
}

TEST_F(FeedDegradeTest, BitrateCollapsesAndThePicturesGoOn) {
  passes(1200ms);
  const auto bytes_from = [&](std::size_t from) {
    double bytes = 0;
    const auto video = only(demux(stream), true);
    for (std::size_t i = from; i < video.size(); ++i) bytes += video[i].size;
    return bytes / static_cast<double>(video.size() - from);
  };
  const double usual = bytes_from(0);
  stream.clear();
  const base::UtcTime collapsed = after(FeedBitrate{0.1}, 2500ms);
  const auto seen = pictures();
  EXPECT_LT(bytes_from(20), 0.4 * usual);  // x264 cannot go down to a tenth of it at this size
  for (std::size_t i = 1; i < seen.size(); ++i) EXPECT_NEAR(base::to_milliseconds(*seen[i].timecode - *seen[i - 1].timecode), 40, 1);
  EXPECT_GT(*seen.back().timecode, collapsed + 1s);
}

TEST_F(FeedDegradeTest, SilenceIsSilentAndSoundComesBack) {
  passes(600ms);
  after(FeedSilence{true}, 1200ms);
  after(FeedSilence{false}, 800ms);
  std::vector<double> peaks;
  for (const Decoded& sound : only(decoded(stream), false)) peaks.push_back(sound.peak);
  ASSERT_GT(peaks.size(), 80u);
  EXPECT_GT(*std::max_element(peaks.begin() + 5, peaks.begin() + 15), 0.01);
  const auto silent = std::count_if(peaks.begin(), peaks.end(), [](double peak) { return peak < 0.0001; });
  EXPECT_NEAR(static_cast<double>(silent), 1.2 * 48000 / 1024, 8);
  EXPECT_GT(*std::max_element(peaks.end() - 10, peaks.end()), 0.01);
}

TEST_F(FeedDegradeTest, JumpAheadMovesBothTracksAndOnlyTheTimestamps) {
  passes(500ms);
  after(FeedJump{30s}, 500ms);
  for (const bool is_video : {true, false}) {
    const auto packets = only(demux(stream), is_video);
    int jumps = 0;
    for (std::size_t i = 1; i < packets.size(); ++i) {
      const base::Duration step = packets[i].dts - packets[i - 1].dts;
      if (step < 1s) continue;
      ++jumps;
      EXPECT_NEAR(base::to_milliseconds(step), 30'000, 100);
    }
    EXPECT_EQ(jumps, 1);
  }
  const auto seen = pictures();
  for (std::size_t i = 1; i < seen.size(); ++i) EXPECT_EQ((*seen[i - 1].identity + 1) % 25, *seen[i].identity);
}

TEST_F(FeedDegradeTest, JumpBackGoesNoFurtherThanZero) {
  passes(900ms);
  after(FeedJump{-1h}, 600ms);
  const auto video = only(demux(stream), true);
  std::optional<std::size_t> jump;
  for (std::size_t i = 1; i < video.size(); ++i)
    if (video[i].dts < video[i - 1].dts) jump = i;
  ASSERT_TRUE(jump);
  EXPECT_NEAR(base::to_milliseconds(video[*jump].dts), 1100, 45);  // the muxer's zero
  EXPECT_EQ(feed.stats().connects, 1u);
}

TEST_F(FeedDegradeTest, CommandBeforeTheStartIsEffectiveFromTheFirstPicture) {
  SrtReceiver other;
  Feed early{to(other)};
  early.apply(FeedBlack{true});
  early.start();
  ASSERT_TRUE(other.accepts(early));
  const auto seen = only(decoded(other.receive_pictures(2)), true);
  ASSERT_FALSE(seen.empty());
  EXPECT_NEAR(seen.front().luma, 16, 1);
}

TEST_F(FeedDegradeTest, WhatIsDegradedAtOnceAddsUp) {
  passes(400ms);
  feed.apply(FeedFreeze{true});
  feed.apply(FeedBlack{true});
  passes(400ms);
  feed.apply(FeedBlack{false});  // frozen still: on black, which was the last picture
  passes(500ms);
  EXPECT_NEAR(pictures().back().luma, 16, 1);
}

}  // namespace
}  // namespace generators
