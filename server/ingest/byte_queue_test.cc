#include "server/ingest/byte_queue.h"

#include <gtest/gtest.h>

#include <array>
#include <string_view>
#include <thread>

namespace server {
namespace {

std::string read(ByteQueue& queue, std::size_t most) {
  std::string into(most, '\0');
  into.resize(queue.read({reinterpret_cast<std::uint8_t*>(into.data()), into.size()}));
  return into;
}

TEST(ByteQueue, GivesBytesInOrder) {
  ByteQueue queue{100};
  EXPECT_TRUE(queue.push(std::string_view{"abc"}));
  EXPECT_TRUE(queue.push(std::string_view{"defg"}));
  EXPECT_EQ(read(queue, 2), "ab");
  EXPECT_EQ(read(queue, 100), "cdefg");
}

TEST(ByteQueue, DropsWhatDoesNotFit) {
  ByteQueue queue{4};
  EXPECT_TRUE(queue.push(std::string_view{"abc"}));
  EXPECT_FALSE(queue.push(std::string_view{"de"}));
  EXPECT_TRUE(queue.push(std::string_view{"f"}));
  EXPECT_EQ(read(queue, 100), "abcf");
}

TEST(ByteQueue, TakesPiecesTogetherOrNotAtAll) {
  ByteQueue queue{5};
  const std::span<const char> fitting[] = {std::string_view{"ab"}, std::string_view{}, std::string_view{"c"}};
  EXPECT_TRUE(queue.push(fitting));
  const std::span<const char> more[] = {std::string_view{"de"}, std::string_view{"f"}};
  EXPECT_FALSE(queue.push(more));
  EXPECT_EQ(read(queue, 100), "abc");
}

TEST(ByteQueue, CanBeReadToTheEndAfterItClosed) {
  ByteQueue queue{100};
  queue.push(std::string_view{"abc"});
  queue.close();
  EXPECT_FALSE(queue.push(std::string_view{"d"}));
  EXPECT_EQ(read(queue, 100), "abc");
  EXPECT_EQ(read(queue, 100), "");
}

TEST(ByteQueue, ForgetsItsBytesWhenItIsAbandoned) {
  ByteQueue queue{100};
  queue.push(std::string_view{"abc"});
  queue.abandon();
  EXPECT_EQ(read(queue, 100), "");
}

TEST(ByteQueue, WakesAWaitingReader) {
  ByteQueue queue{100};
  std::string got;
  std::thread reader{[&] { got = read(queue, 100); }};
  queue.push(std::string_view{"abc"});
  reader.join();
  EXPECT_EQ(got, "abc");
}

}  // namespace
}  // namespace server
