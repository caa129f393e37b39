#include "harness/player/media_buffer.h"

#include <gtest/gtest.h>

#include "harness/engine/ladder_change.h"

namespace harness {
namespace {

using namespace base::literals;

MediaBuffer::Piece piece(base::Duration start, base::Duration end, base::Bitrate rate = 1_Mbps) {
  return {.start = start, .end = end, .bitrate = rate};
}

MediaBuffer with_a_hole() {
  MediaBuffer buffer;
  buffer.append(piece(0s, 2s));
  buffer.append(piece(2s, 4s, 2_Mbps));
  buffer.append(piece(8s, 10s));
  return buffer;
}

TEST(MediaBuffer, ReachesToTheHole) {
  EXPECT_EQ(with_a_hole().end_from(1s), base::Duration{4s});
  EXPECT_EQ(with_a_hole().end_from(5s), base::Duration{5s});
}

TEST(MediaBuffer, FindsTheNextMediaBehindTheHole) {
  EXPECT_EQ(with_a_hole().next_from(3s), base::Duration{3s});
  EXPECT_EQ(with_a_hole().next_from(4s), base::Duration{8s});
  EXPECT_FALSE(with_a_hole().next_from(10s));
}

TEST(MediaBuffer, CountsMediaAndNotHoles) { EXPECT_EQ(with_a_hole().ahead_of(1s), base::Duration{5s}); }

TEST(MediaBuffer, ClosesAStepSmallerThanAnybodySees) {
  MediaBuffer buffer;
  buffer.append(piece(0s, 2s));
  buffer.append(piece(2050ms, 4s));
  EXPECT_EQ(buffer.end_from(0s), base::Duration{4s});
}

TEST(MediaBuffer, KeepsWhatIsCovered) {
  MediaBuffer buffer;
  buffer.append(piece(0s, 4s));
  buffer.append(piece(2s, 6s, 2_Mbps));
  buffer.append(piece(1s, 3s, 3_Mbps));
  EXPECT_EQ(buffer.bitrate_at(3s), 1_Mbps);
  EXPECT_EQ(buffer.bitrate_at(5s), 2_Mbps);
  EXPECT_EQ(buffer.ahead_of(0s), base::Duration{6s});
}

TEST(MediaBuffer, SumsBitsOverPieces) {
  WeightedTime bits;
  with_a_hole().count_bits(1s, 9s, bits);
  EXPECT_DOUBLE_EQ(bits.seconds(), 1e6 + 4e6 + 1e6);
}

TEST(MediaBuffer, ForgetsWhatIsPlayed) {
  MediaBuffer buffer = with_a_hole();
  buffer.drop_before(9s);
  EXPECT_EQ(buffer.ahead_of(0s), base::Duration{2s});
}

TEST(MediaBuffer, ForgetsWhatLiesBehindAPosition) {
  MediaBuffer buffer = with_a_hole();
  buffer.drop_from(3s);
  EXPECT_EQ(buffer.ahead_of(0s), base::Duration{3s});
  buffer.append(piece(3s, 4s, 4_Mbps));
  EXPECT_EQ(buffer.bitrate_at(3500ms), 4_Mbps);
}

TEST(MediaBuffer, TrimsThePieceThatReachesBeyond) {
  MediaBuffer buffer;
  buffer.append(piece(0s, 20s));
  buffer.trim_before(8s);
  EXPECT_EQ(buffer.end_from(7s), base::Duration{7s});
  EXPECT_EQ(buffer.end_from(8s), base::Duration{20s});
}

TEST(MediaBuffer, FollowsTheLadder) {
  const std::vector<LadderRung> three{{.peak = 300_kbps}, {.peak = 1100_kbps}, {.peak = 2500_kbps}};
  MediaBuffer buffer;
  buffer.append({.start = 0s, .end = 2s, .bitrate = 300_kbps, .rendition = 0});
  buffer.append({.start = 2s, .end = 4s, .bitrate = 1100_kbps, .rendition = 1});
  buffer.on_ladder(LadderChange{three, {three[1], three[2]}});
  EXPECT_EQ(buffer.rendition_at(1s), 0u);  // the nearest
  EXPECT_EQ(buffer.rendition_at(3s), 0u);
  EXPECT_EQ(buffer.bitrate_at(1s), 300_kbps);
}

}  // namespace
}  // namespace harness
