#include "harness/transport/h2_streams.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/random.h"

namespace harness {
namespace {

constexpr std::int64_t kHeaders = 100;
constexpr std::int64_t kFrame = kH2FrameHeader + kH2FrameBody;

TEST(H2Streams, AnAnswerAloneIsItsHeadersAndItsFrames) {
  H2Streams streams;
  streams.begin(1, kHeaders, 2 * kH2FrameBody + 5, 0);
  EXPECT_EQ(streams.end(), kHeaders + 2 * kFrame + kH2FrameHeader + 5);
  EXPECT_EQ(streams.begin_of(1), 0);
  EXPECT_EQ(streams.end_of(1), streams.end());
  EXPECT_EQ(streams.place_of(1, 0), kHeaders);
  EXPECT_EQ(streams.body_at(1, kHeaders + kH2FrameHeader), 0);
  EXPECT_EQ(streams.body_at(1, kHeaders + kH2FrameHeader + 7), 7);
  EXPECT_EQ(streams.body_at(1, kHeaders + kFrame + 3), kH2FrameBody) << "within the second frame's header";
  EXPECT_EQ(streams.body_at(1, streams.end()), 2 * kH2FrameBody + 5);
}

TEST(H2Streams, AnAnswerWithoutBodyIsItsHeaders) {
  H2Streams streams;
  streams.begin(1, kHeaders, 0, 0);
  EXPECT_EQ(streams.end(), kHeaders);
  EXPECT_EQ(streams.end_of(1), kHeaders);
  EXPECT_EQ(streams.place_of(1, 0), kHeaders);
}

TEST(H2Streams, AnswersThatAreReadyTogetherTakeTurns) {
  H2Streams streams;
  streams.begin(1, kHeaders, 10 * kH2FrameBody, 0);
  streams.begin(2, kHeaders, 10 * kH2FrameBody, 0);
  EXPECT_EQ(streams.begin_of(2), kHeaders) << "headers wait for no body";
  EXPECT_EQ(streams.end_of(1), streams.end() - kFrame);
  EXPECT_EQ(streams.end_of(2), streams.end());
  for (int i = 1; i < 10; ++i) {
    const std::int64_t place = 2 * kHeaders + i * 2 * kFrame;
    EXPECT_EQ(streams.body_at(1, place), i * kH2FrameBody);
    EXPECT_EQ(streams.body_at(2, place), i * kH2FrameBody);
  }
}

TEST(H2Streams, ASmallOneBesideALargeOneEndsAfterTwiceItsBytes) {
  H2Streams streams;
  streams.begin(1, kHeaders, 100 * kH2FrameBody, 0);
  streams.begin(2, kHeaders, 3 * kH2FrameBody, 0);
  EXPECT_EQ(streams.end_of(2), 2 * kHeaders + 6 * kFrame);
  EXPECT_EQ(streams.end_of(1), 2 * kHeaders + 103 * kFrame);
}

TEST(H2Streams, WhatBeginsLaterFollowsTheFrameUnderWay) {
  H2Streams streams;
  streams.begin(1, kHeaders, 10 * kH2FrameBody, 0);
  const std::int64_t third = kHeaders + 2 * kFrame;
  streams.begin(2, kHeaders, kH2FrameBody, third + 1);
  EXPECT_EQ(streams.begin_of(2), third + kFrame);
  EXPECT_EQ(streams.end_of(2), third + kFrame + kHeaders + 2 * kFrame) << "the other has its turn first";
  EXPECT_EQ(streams.end_of(1), streams.end());
  EXPECT_EQ(streams.end(), 2 * kHeaders + 11 * kFrame);
}

TEST(H2Streams, OfWhatIsGivenUpNothingFollows) {
  H2Streams streams;
  streams.begin(1, kHeaders, 10 * kH2FrameBody, 0);
  streams.begin(2, kHeaders, 10 * kH2FrameBody, 0);
  streams.give_up(1, 2 * kHeaders + 1);
  EXPECT_EQ(streams.end(), 2 * kHeaders + 11 * kFrame);
  EXPECT_EQ(streams.end_of(2), streams.end());
  streams.begin(3, kHeaders, 0, 2 * kHeaders + 2);
  EXPECT_EQ(streams.begin_of(3), 2 * kHeaders + kFrame) << "the frame under way is still the first one's";
}

TEST(H2Streams, WhatIsGivenUpBeforeItIsWrittenTakesNothing) {
  H2Streams streams;
  streams.begin(1, kHeaders, kH2FrameBody, 0);
  streams.begin(2, kHeaders, kH2FrameBody, 50);
  streams.give_up(2, 60);
  EXPECT_EQ(streams.end(), kHeaders + kFrame);
}

// Answers that come and go at random: what has been written stays, no byte is lost, and none is of two answers.
TEST(H2Streams, EveryByteIsOfOneAnswer) {
  base::Random random{7};
  for (int round = 0; round < 50; ++round) {
    H2Streams streams;
    std::map<std::uint64_t, std::int64_t> bodies;
    std::int64_t written = 0, total = 0;
    for (std::uint64_t key = 1; key <= 8; ++key) {
      std::map<std::uint64_t, std::int64_t> before;
      for (const auto& [each, body] : bodies) before[each] = streams.body_at(each, written);
      const std::int64_t body = static_cast<std::int64_t>(random.below(5 * kH2FrameBody));
      streams.begin(key, kHeaders, body, written);
      bodies[key] = body;
      total += kHeaders + body + (body + kH2FrameBody - 1) / kH2FrameBody * kH2FrameHeader;
      for (const auto& [each, so_far] : before) EXPECT_EQ(streams.body_at(each, written), so_far);
      written += static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(streams.end() - written) + 1));
    }
    EXPECT_EQ(streams.end(), total);
    std::int64_t place = 0, sum = 0;
    for (; place <= streams.end(); place += 997) {
      std::int64_t now = 0;
      for (const auto& [key, body] : bodies) now += streams.body_at(key, place);
      EXPECT_GE(now, sum);
      EXPECT_LE(now - sum, 997);
      sum = now;
    }
    for (const auto& [key, body] : bodies) {
      EXPECT_EQ(streams.body_at(key, streams.end()), body);
      EXPECT_EQ(streams.end_of(key), streams.place_of(key, body));
      for (const std::int64_t part : {std::int64_t{1}, body / 2, body}) {
        if (part <= 0 || part > body) continue;
        EXPECT_EQ(streams.body_at(key, streams.place_of(key, part)), part);
        EXPECT_EQ(streams.body_at(key, streams.place_of(key, part) - 1), part - 1);
      }
    }
  }
}

}  // namespace
}  // namespace harness
