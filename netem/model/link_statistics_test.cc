// What a million packets meet, held against theory: three standard deviations either way, with fixed seeds.
#include <gtest/gtest.h>

#include <cmath>

#include "netem/model/link_model.h"

namespace netem {
namespace {

using base::Instant;
using namespace base::literals;

constexpr int kPackets = 1'000'000;
constexpr Instant kBegin{std::chrono::hours{1}};

double binomial_deviation(double p) { return std::sqrt(kPackets * p * (1 - p)); }
double real(std::uint64_t count) { return static_cast<double>(count); }

struct Bursts {
  double lost = 0, bursts = 0;
};
// Bursts: runs of packets lost one after the other.
Bursts bursts_of(const Loss& loss, std::uint64_t seed) {
  LinkModel model{{.loss = loss}, kBegin, base::Random{seed}};
  Bursts out;
  bool before = false;
  for (int i = 0; i < kPackets; ++i) {
    const bool lost = model.judge(kBegin, 1500_B).kind == Fate::Kind::kLost;
    out.lost += lost;
    out.bursts += lost && !before;
    before = lost;
  }
  return out;
}

TEST(LinkStatistics, LoseTheShareOfRandomLoss) {
  for (const double p : {0.001, 0.01, 0.2, 0.5}) {
    LinkModel model{{.loss = RandomLoss{p}}, kBegin, base::Random{2}};
    for (int i = 0; i < kPackets; ++i) model.judge(kBegin, 1500_B);
    EXPECT_NEAR(real(model.counters().lost), kPackets * p, 3 * binomial_deviation(p)) << p;
  }
}

// With all lost in the bad state and none in the good, bursts begin at rate n p r / (p + r) and last 1 / r packets. The number of
// cycles of the chain in n packets has the variance n s2 / m3 (renewal theory: m and s2 of a cycle's length), and the packets lost
// the variance n pi_bad pi_good (2 - p - r) / (p + r).
TEST(LinkStatistics, LoseInBurstsAsGilbertAndElliottSay) {
  for (const auto& [p, r] : {std::pair{0.01, 0.1}, {0.002, 0.3}, {0.05, 0.05}}) {
    const BurstLoss loss{.to_bad = p, .to_good = r};
    const Bursts seen = bursts_of(loss, 4);
    const double bad = p / (p + r), cycle = 1 / p + 1 / r, spread = (1 - p) / (p * p) + (1 - r) / (r * r);
    EXPECT_DOUBLE_EQ(mean_loss(loss), bad);
    EXPECT_NEAR(seen.lost, kPackets * bad, 3 * std::sqrt(kPackets * bad * (1 - bad) * (2 - p - r) / (p + r)));
    EXPECT_NEAR(seen.bursts, kPackets / cycle, 3 * std::sqrt(kPackets * spread / (cycle * cycle * cycle)));
    EXPECT_NEAR(seen.lost / seen.bursts, 1 / r, 3 * std::sqrt((1 - r) / (r * r) / seen.bursts));
  }
}

TEST(LinkStatistics, LoseTheStationaryShareWithLossInBothStates) {
  const BurstLoss loss{.to_bad = 0.02, .to_good = 0.2, .loss_in_bad = 0.6, .loss_in_good = 0.01};
  const double bad = 0.02 / 0.22, mean = bad * 0.6 + (1 - bad) * 0.01;
  EXPECT_DOUBLE_EQ(mean_loss(loss), mean);
  const double chain = bad * (1 - bad) * (2 - 0.22) / 0.22 * (0.59 * 0.59);
  const double within = bad * 0.6 * 0.4 + (1 - bad) * 0.01 * 0.99;
  EXPECT_NEAR(bursts_of(loss, 5).lost, kPackets * mean, 3 * std::sqrt(kPackets * (chain + within)));
}

TEST(LinkStatistics, NeverLeaveTheGoodStateWithoutACause) {
  EXPECT_EQ(mean_loss(BurstLoss{.to_bad = 0, .to_good = 0, .loss_in_good = 0.25}), 0.25);
  EXPECT_EQ(bursts_of(BurstLoss{.to_bad = 0, .to_good = 0}, 6).lost, 0);
}

TEST(LinkStatistics, DuplicateTheShare) {
  LinkModel model{{.duplicate = 0.02}, kBegin, base::Random{3}};
  for (int i = 0; i < kPackets; ++i) model.judge(kBegin, 1500_B);
  EXPECT_NEAR(real(model.counters().duplicated), kPackets * 0.02, 3 * binomial_deviation(0.02));
  EXPECT_EQ(model.counters().delivered, kPackets + model.counters().duplicated);
}

TEST(LinkStatistics, AccountForEveryPacketAndByte) {
  LinkModel model{{.rate = 10_Mbps,
                   .delay = 20ms,
                   .jitter = {.deviation = 5ms},
                   .loss = BurstLoss{.to_bad = 0.01, .to_good = 0.2},
                   .duplicate = 0.01,
                   .reorder = 0.01},
                  kBegin,
                  base::Random{8}};
  base::Random random{1};
  Instant now = kBegin;
  std::int64_t offered = 0, arrived = 0;
  std::uint64_t arrivals = 0;
  for (int i = 0; i < kPackets; ++i, now += base::from_seconds(random.exponential(5e-4))) {
    const auto size = static_cast<std::int64_t>(40 + random.below(1461));
    const Fate fate = model.judge(now, base::ByteCount::bytes(size));
    const int copies = fate.kind != Fate::Kind::kDelivered ? 0 : fate.again_at ? 2 : 1;
    offered += size;
    arrived += copies * size;
    arrivals += static_cast<std::uint64_t>(copies);
  }
  const LinkCounters& seen = model.counters();
  EXPECT_EQ(seen.offered + seen.duplicated, seen.lost + seen.overflowed + seen.delivered);
  EXPECT_EQ(seen.delivered, arrivals);
  EXPECT_EQ(seen.bytes_offered.count(), offered);
  EXPECT_EQ(seen.bytes_delivered.count(), arrived);
  EXPECT_GT(seen.overflowed, 1000u);
}

TEST(LinkStatistics, NeverReorderWithJitterInOrder) {
  LinkModel model{{.delay = 30ms, .jitter = {.deviation = 5ms, .correlation = 0.3}}, kBegin, base::Random{2}};
  Instant now = kBegin, last = kBegin;
  for (int i = 0; i < kPackets; ++i, now += 200us) {
    const Instant due = model.judge(now, 1500_B).due;
    ASSERT_GE(due, last);
    ASSERT_GE(due, now);
    last = due;
  }
}

TEST(LinkStatistics, ReorderTheShare) {
  LinkModel model{{.delay = 30ms, .reorder = 0.05}, kBegin, base::Random{2}};
  Instant now = kBegin;
  int skipped = 0;
  for (int i = 0; i < kPackets; ++i, now += 1ms) skipped += model.judge(now, 1500_B).due == now;
  EXPECT_NEAR(skipped, kPackets * 0.05, 3 * binomial_deviation(0.05));
}

// Packets a second apart: the order costs nothing. An AR(1) of correlation c has (1 + c) / (1 - c) times the variance of its mean
// that independent values have, and that with c squared for its variance.
TEST(LinkStatistics, JitterWithTheMeanDeviationAndCorrelationAskedFor) {
  for (const double c : {0.0, 0.25, 0.9}) {
    LinkModel model{{.delay = 100ms, .jitter = {.deviation = 10ms, .correlation = c}}, kBegin, base::Random{12}};
    double sum = 0, squares = 0, products = 0, before = 0;
    for (int i = 0; i < kPackets; ++i) {
      const Instant now = kBegin + i * 1s;
      const double x = base::to_milliseconds(model.judge(now, 1500_B).due - now) - 100;
      sum += x;
      squares += x * x;
      products += x * before;
      before = x;
    }
    const double variance = squares / kPackets;
    EXPECT_NEAR(sum / kPackets, 0, 3 * 10 * std::sqrt((1 + c) / (1 - c) / kPackets)) << c;
    EXPECT_NEAR(variance, 100, 3 * 100 * std::sqrt(2 * (1 + c * c) / (1 - c * c) / kPackets)) << c;
    EXPECT_NEAR(products / squares, c, 3 * std::sqrt((1 - c * c) / kPackets) + 1e-5) << c;
  }
}

TEST(LinkStatistics, NeverDelayByLessThanNothing) {
  LinkModel model{{.delay = 1ms, .jitter = {.deviation = 5ms, .keep_order = false}}, kBegin, base::Random{2}};
  int at_once = 0;
  for (int i = 0; i < kPackets; ++i) {
    const Instant due = model.judge(kBegin, 1500_B).due;
    ASSERT_GE(due, kBegin);
    at_once += due == kBegin;
  }
  EXPECT_NEAR(at_once, kPackets * 0.42074, 3 * binomial_deviation(0.42074));  // the normal distribution below -0.2
}

}  // namespace
}  // namespace netem
