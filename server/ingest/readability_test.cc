#include "server/ingest/readability.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace server {
namespace {

// `before` and `behind`: how many bytes lie beside each.
std::string packets(std::size_t count, std::size_t before = 0, std::size_t behind = 0) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += std::string(before, 't') + 'G' + std::string(187 + behind, static_cast<char>(i));
  return all;
}

// The same each time; every value about as often.
std::string noise(std::size_t size) {
  std::string all;
  for (std::uint32_t state = 1; all.size() < size; state = state * 1664525 + 1013904223) all += static_cast<char>(state >> 24);
  return all;
}

Readability after(Container container, const std::string& bytes, std::size_t step = 1000) {
  Readability readability{container};
  for (std::size_t at = 0; at < bytes.size(); at += step)
    readability.take({reinterpret_cast<const std::uint8_t*>(bytes.data()) + at, std::min(step, bytes.size() - at)});
  return readability;
}

constexpr std::size_t kMuch = Readability::kMostAtFirst + 1;

TEST(Readability, KnowsATransportStreamFromNoise) {
  EXPECT_FALSE(after(Container::kMpegTs, packets(1000)).is_lost());
  EXPECT_FALSE(after(Container::kMpegTs, std::string(100, 'x') + packets(1000), 7).is_lost()) << "it begins within a packet";
  EXPECT_TRUE(after(Container::kMpegTs, noise(kMuch)).is_lost());
  EXPECT_TRUE(after(Container::kMpegTs, std::string(kMuch, 'x')).is_lost());
  EXPECT_FALSE(after(Container::kMpegTs, noise(kMuch / 2)).is_lost()) << "not yet";
}

TEST(Readability, KnowsPacketsWithATimeOrAChecksum) {
  for (const auto& [before, behind] : {std::pair{4, 0}, {0, 16}}) {
    const std::string stream = packets(1000, before, behind);
    EXPECT_FALSE(after(Container::kMpegTs, stream).is_lost()) << before;
    EXPECT_FALSE(after(Container::kMpegTs, stream, 7).is_lost()) << before;
    EXPECT_FALSE(after(Container::kMpegTs, packets(3) + std::string(50, 'x') + stream).is_lost()) << before << ", of another size before";
  }
}

TEST(Readability, KnowsFlvByItsSignature) {
  EXPECT_FALSE(after(Container::kFlv, "FLV" + noise(kMuch), 2).is_lost());
  EXPECT_TRUE(after(Container::kFlv, noise(kMuch)).is_lost());
}

TEST(Readability, BearsMoreOnceAPacketWasFound) {
  Readability readability = after(Container::kMpegTs, packets(10));
  readability.packet_found();
  const std::string gap(Readability::kMostBetween, 'x');
  readability.take({reinterpret_cast<const std::uint8_t*>(gap.data()), gap.size()});
  EXPECT_FALSE(readability.is_lost());
  readability.take({reinterpret_cast<const std::uint8_t*>(gap.data()), 1});
  EXPECT_TRUE(readability.is_lost());
  readability.packet_found();
  EXPECT_FALSE(readability.is_lost());
}

TEST(Readability, SaysThatNothingWasEverRight) {
  EXPECT_FALSE(after(Container::kMpegTs, "").was_never_right());
  EXPECT_FALSE(after(Container::kMpegTs, packets(1)).was_never_right());
  EXPECT_TRUE(after(Container::kMpegTs, "hello").was_never_right());
  EXPECT_FALSE(after(Container::kFlv, "FL").was_never_right());
  EXPECT_TRUE(after(Container::kFlv, "hello").was_never_right());
}

}  // namespace
}  // namespace server
