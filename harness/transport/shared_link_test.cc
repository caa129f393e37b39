#include "harness/transport/shared_link.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace harness {
namespace {

using namespace base::literals;
using base::ByteCount;
using base::Instant;

constexpr Instant kLinkStart{1000s};

TEST(SharedLink, GivesASingleFlowTheWholeRate) {
  SharedLink link{8_Mbps};
  link.add(kLinkStart, 1, 1000_B);
  EXPECT_EQ(link.next_completion(), kLinkStart + 1ms);
}

TEST(SharedLink, DividesTheRateEqually) {
  SharedLink link{8_Mbps};
  link.add(kLinkStart, 1, 1000_B);
  link.add(kLinkStart, 2, 3000_B);
  EXPECT_EQ(link.next_completion(), kLinkStart + 2ms) << "1000 bytes at 4 Mbit/s";
  EXPECT_EQ(link.received(kLinkStart + 1ms, 2), 500_B);
}

TEST(SharedLink, HandsTheShareOfACompleteFlowOn) {
  SharedLink link{8_Mbps};
  link.add(kLinkStart, 1, 1000_B);
  link.add(kLinkStart, 2, 3000_B);
  EXPECT_TRUE(link.is_complete(kLinkStart + 2ms, 1));
  link.remove(kLinkStart + 2ms, 1);
  EXPECT_EQ(link.next_completion(), kLinkStart + 4ms) << "2000 bytes are left, at 8 Mbit/s";
}

TEST(SharedLink, HandsTheShareOnEvenWhenNobodyLooksInBetween) {
  SharedLink link{8_Mbps};
  link.add(kLinkStart, 1, 1000_B);
  link.add(kLinkStart, 2, 3000_B);
  EXPECT_FALSE(link.is_complete(kLinkStart + 4ms - 1ns, 2));
  EXPECT_TRUE(link.is_complete(kLinkStart + 4ms, 2));
}

TEST(SharedLink, CarriesNothingAtRateZero) {
  SharedLink link{base::Bitrate{}};
  link.add(kLinkStart, 1, 1000_B);
  EXPECT_EQ(link.next_completion(), std::nullopt);
  EXPECT_EQ(link.received(kLinkStart + 100s, 1), 0_B);
}

TEST(SharedLink, AnEmptyFlowIsCompleteAtOnce) {
  SharedLink link{8_Mbps};
  link.add(kLinkStart, 1, 0_B);
  EXPECT_EQ(link.next_completion(), kLinkStart);
}

// What all flows got in a busy time is rate x time, whatever the number of flows and the moments of looking.
TEST(SharedLink, LosesNoWork) {
  base::Random random{7};
  SharedLink link{base::Bitrate::bits_per_second(7'654'321)};
  for (std::uint64_t key = 0; key < 7; ++key) link.add(kLinkStart, key, ByteCount::bytes(100'000'000));
  Instant now = kLinkStart;
  for (int look = 0; look < 1000; ++look) {
    now += base::Duration{static_cast<std::int64_t>(random.below(3'000'000))};
    link.received(now, random.below(7));
  }
  ByteCount sum;
  for (std::uint64_t key = 0; key < 7; ++key) sum += link.received(now, key);
  const double expected = 7'654'321.0 * base::to_seconds(now - kLinkStart) / 8;
  EXPECT_NEAR(static_cast<double>(sum.count()), expected, 7) << "each flow's count is rounded down to a byte";
}

}  // namespace
}  // namespace harness
