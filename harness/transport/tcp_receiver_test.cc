// When a receiver acknowledges and what it reports.
#include "harness/transport/tcp_receiver.h"

#include <gtest/gtest.h>

namespace harness {
namespace {

using namespace base::literals;

class TcpReceiverTest : public testing::Test {
 protected:
  TcpReceiverTest() { receiver_.on_established(now_); }
  // The `nth` full segment, from 0.
  void arrive(std::uint64_t nth, std::uint32_t length = kTcpSegmentSize, std::uint8_t flags = TcpSegment::kAck) {
    now_ += 3ms;
    TcpSegment segment{.flags = flags, .length = length, .seq = nth * kTcpSegmentSize, .stamp = tcp_stamp_of(now_)};
    receiver_.on_data(now_, segment, {.rto = 300ms, .smoothed_rtt = 40ms});
  }
  TcpSegment acknowledge() {
    TcpSegment ack;
    receiver_.acknowledge(now_, ack);
    return ack;
  }
  // Past the quick phase, in a conversation.
  void settle(std::uint64_t segments) {
    for (std::uint64_t i = 0; i < segments; ++i) {
      arrive(i);
      if (receiver_.owes_ack()) acknowledge();
    }
    receiver_.on_data_sent(now_);
    acknowledge();
  }
  base::Instant now_{1000s};
  TcpReceiver receiver_;
};

TEST_F(TcpReceiverTest, AcknowledgesTheFirstSegmentsAtOnce) {
  arrive(0);
  EXPECT_TRUE(receiver_.owes_ack());
}

TEST_F(TcpReceiverTest, DelaysTheAcknowledgementOfALoneSegmentInAConversation) {
  settle(20);
  arrive(20);
  EXPECT_FALSE(receiver_.owes_ack());
  EXPECT_GE(receiver_.wakes_at() - now_, 40ms);
  EXPECT_LE(receiver_.wakes_at() - now_, 44ms);
}

TEST_F(TcpReceiverTest, APushedSegmentIsAcknowledgedAtOnceWhereNothingIsSentBack) {
  constexpr std::uint64_t kSettled = 400;  // past the quick phase and the window's growth
  for (std::uint64_t i = 0; i < kSettled; ++i) {
    arrive(i);
    if (receiver_.owes_ack()) acknowledge();
  }
  acknowledge();
  arrive(kSettled);
  EXPECT_FALSE(receiver_.owes_ack());
  acknowledge();
  arrive(kSettled + 1, kTcpSegmentSize, TcpSegment::kAck | TcpSegment::kPush);
  EXPECT_TRUE(receiver_.owes_ack());
}

TEST_F(TcpReceiverTest, AFullSegmentWidensTheWindowToWhatTheBufferHolds) {
  for (std::uint64_t i = 0; i < 20; ++i) {
    arrive(i);
    acknowledge();
  }
  EXPECT_EQ(receiver_.window(), 80'896u);  // (131,072 - 2,304) * 160 / 256, in units of 1,024: what Linux 6.18 offers, measured
}

TEST_F(TcpReceiverTest, ASecondFullSegmentEndsTheDelay) {
  settle(20);
  arrive(20);
  arrive(21);
  EXPECT_TRUE(receiver_.owes_ack());
  EXPECT_EQ(acknowledge().ack, 22u * kTcpSegmentSize);
}

TEST_F(TcpReceiverTest, AGapIsReportedAtOnce) {
  settle(20);
  arrive(21);
  ASSERT_TRUE(receiver_.owes_ack());
  const TcpSegment ack = acknowledge();
  EXPECT_EQ(ack.ack, 20u * kTcpSegmentSize);
  ASSERT_EQ(ack.sack_count, 1);
  EXPECT_EQ(ack.sacks[0].begin, 21u * kTcpSegmentSize);
  EXPECT_EQ(ack.sacks[0].end, 22u * kTcpSegmentSize);
}

TEST_F(TcpReceiverTest, TheLatestBlockComesFirst) {
  settle(20);
  arrive(21);
  acknowledge();
  arrive(25);
  const TcpSegment ack = acknowledge();
  ASSERT_EQ(ack.sack_count, 2);
  EXPECT_EQ(ack.sacks[0].begin, 25u * kTcpSegmentSize);
}

TEST_F(TcpReceiverTest, AFilledGapIsAcknowledgedAtOnce) {
  settle(20);
  arrive(21);
  acknowledge();
  arrive(20);
  ASSERT_TRUE(receiver_.owes_ack());
  const TcpSegment ack = acknowledge();
  EXPECT_EQ(ack.ack, 22u * kTcpSegmentSize);
  EXPECT_EQ(ack.sack_count, 0);
}

TEST_F(TcpReceiverTest, ADuplicateIsReportedAsSuch) {
  settle(20);
  arrive(3);
  ASSERT_TRUE(receiver_.owes_ack());
  const TcpSegment ack = acknowledge();
  EXPECT_TRUE(ack.duplicate_reported);
  EXPECT_EQ(ack.sacks[0].begin, 3u * kTcpSegmentSize);
}

TEST_F(TcpReceiverTest, TheEchoIsOfTheFirstSegmentNotYetAcknowledged) {
  settle(20);
  arrive(20);
  const std::uint32_t first = tcp_stamp_of(now_);
  arrive(21);
  EXPECT_EQ(acknowledge().echo, first);
}

TEST_F(TcpReceiverTest, TheRightEdgeOfTheWindowNeverMovesBack) {
  settle(20);
  std::uint64_t edge = 0;
  for (std::uint64_t i = 21; i < 60; ++i) {
    arrive(i);
    const TcpSegment ack = acknowledge();
    EXPECT_GE(ack.ack + ack.window, edge);
    edge = ack.ack + ack.window;
  }
}

}  // namespace
}  // namespace harness
