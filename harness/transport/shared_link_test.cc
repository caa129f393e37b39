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

netem::Rate trace(std::vector<netem::TraceStep> steps) {
  return std::make_shared<const netem::Trace>(netem::Trace{"trace", std::move(steps)});
}

TEST(SharedLink, CarriesEverythingAtOnceWhenUnlimited) {
  SharedLink link{netem::Unlimited{}};
  link.add(kLinkStart, 1, 1000_B);
  EXPECT_EQ(link.next_completion(), kLinkStart);
  EXPECT_TRUE(link.is_complete(kLinkStart, 1));
  EXPECT_EQ(link.received(kLinkStart, 1), 1000_B);
}

TEST(SharedLink, FollowsATrace) {
  SharedLink link{trace({{1s, 8_Mbps, {}}, {1s, 4_Mbps, {}}}), kLinkStart};
  link.add(kLinkStart + 500ms, 1, 750'000_B);
  EXPECT_EQ(link.next_completion(), kLinkStart + 1500ms) << "500,000 bytes at 8 Mbit/s, 250,000 at 4";
  EXPECT_EQ(link.received(kLinkStart + 1s, 1), 500'000_B);
  EXPECT_FALSE(link.is_complete(kLinkStart + 1500ms - 1ns, 1));
  EXPECT_TRUE(link.is_complete(kLinkStart + 1500ms, 1));
}

TEST(SharedLink, WaitsThroughAnOutage) {
  SharedLink link{trace({{1s, 8_Mbps, {}}, {4s, base::Bitrate{}, {}}}), kLinkStart};
  link.add(kLinkStart + 1s, 1, 1000_B);
  EXPECT_EQ(link.next_completion(), kLinkStart + 5s + 1ms);
  EXPECT_EQ(link.received(kLinkStart + 5s, 1), 0_B);
  EXPECT_TRUE(link.is_complete(kLinkStart + 5s + 1ms, 1));
}

TEST(SharedLink, DividesAChangingRateEqually) {
  SharedLink link{trace({{1s, 8_Mbps, {}}, {1s, 16_Mbps, {}}}), kLinkStart};
  link.add(kLinkStart, 1, 1'000'000_B);
  link.add(kLinkStart, 2, 2'000'000_B);
  EXPECT_EQ(link.next_completion(), kLinkStart + 1500ms) << "500,000 bytes of each in the first second, 500,000 more at 8 Mbit/s each";
  link.remove(kLinkStart + 1500ms, 1);
  EXPECT_EQ(link.next_completion(), kLinkStart + 2s) << "1,000,000 bytes at 16 Mbit/s";
}

TEST(SharedLink, LooksAheadABoundedNumberOfChanges) {
  SharedLink link{trace({{1us, 1_kbps, {}}, {1us, 2_kbps, {}}}), kLinkStart};
  link.add(kLinkStart, 1, 1'000'000_B);
  EXPECT_EQ(link.next_completion(), kLinkStart + 1ms);
  EXPECT_FALSE(link.is_complete(kLinkStart + 1ms, 1));
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

TEST(SharedLink, LosesNoWorkAlongATrace) {
  base::Random random{8};
  const netem::Rate rate = trace({{700ms, base::Bitrate::bits_per_second(7'654'321), {}}, {300ms, {}, {}}, {1100ms, 3_Mbps, {}}});
  SharedLink link{rate, kLinkStart};
  for (std::uint64_t key = 0; key < 5; ++key) link.add(kLinkStart, key, ByteCount::bytes(100'000'000));
  Instant now = kLinkStart;
  for (int look = 0; look < 1000; ++look) {
    now += base::Duration{static_cast<std::int64_t>(random.below(30'000'000))};
    link.received(now, random.below(5));
  }
  ByteCount sum;
  for (std::uint64_t key = 0; key < 5; ++key) sum += link.received(now, key);
  const ByteCount carried = netem::RateSchedule{rate, kLinkStart}.capacity(kLinkStart, now);
  EXPECT_NEAR(static_cast<double>(sum.count()), static_cast<double>(carried.count()), 5) << "each flow's count is rounded down to a byte";
}

}  // namespace
}  // namespace harness
