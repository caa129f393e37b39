#include "harness/transport/tcp_send_buffer.h"

#include <gtest/gtest.h>

namespace harness {
namespace {

constexpr std::uint64_t kBuffered = kTcpSegmentSize;

// What an application with enough to say has written once the kernel takes no more, `out` packets of it being out already.
std::uint64_t filled(TcpSendBuffer& buffer, std::uint32_t out) {
  TcpSendBuffer::Queue queue{.out = out, .burst = 2, .peer_window = 64'512};
  while (buffer.has_room(queue)) queue.unsent += buffer.take(queue);
  return queue.unsent;
}

TEST(TcpSendBuffer, TakesWhatTheApplicationHas) {
  TcpSendBuffer buffer;
  buffer.add(1000);
  EXPECT_EQ(filled(buffer, 0), 1000u);
  EXPECT_EQ(buffer.waiting(), 0u);
}

TEST(TcpSendBuffer, TakesUntilItsMemoryIsFull) {
  TcpSendBuffer buffer;
  buffer.add(10'000'000);
  EXPECT_EQ(filled(buffer, 0), 3 * 22 * kBuffered) << "69 kB, in packets of half the peer's window";
}

TEST(TcpSendBuffer, IsOpenAgainWhenAThirdOfItIsEmpty) {
  const TcpSendBuffer buffer;
  EXPECT_FALSE(buffer.is_open({.unsent = kBuffered, .out = 24, .burst = 2, .peer_window = 64'512}));
  EXPECT_TRUE(buffer.is_open({.unsent = 0, .out = 24, .burst = 2, .peer_window = 64'512}));
}

TEST(TcpSendBuffer, HoldsThreeWindowsOnceItIsToldOfThem) {
  TcpSendBuffer buffer;
  buffer.add(10'000'000);
  buffer.widen(100);
  EXPECT_GT(filled(buffer, 100), 2 * 100 * kBuffered);
}

TEST(TcpSendBuffer, NeverGetsSmaller) {
  TcpSendBuffer wide, narrow;
  wide.widen(100);
  wide.widen(20);
  for (TcpSendBuffer* each : {&wide, &narrow}) each->add(10'000'000);
  EXPECT_GT(filled(wide, 0), 3 * filled(narrow, 0));
}

}  // namespace
}  // namespace harness
