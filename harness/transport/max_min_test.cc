#include "harness/transport/max_min.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"

namespace harness {
namespace {

using namespace base::literals;

using Rates = std::vector<double>;

TEST(MaxMin, OneLinkIsSharedEqually) { EXPECT_EQ(max_min_rates({{100, {0}}, {100, {0}}, {100, {0}}}, {30}), (Rates{10, 10, 10})); }

TEST(MaxMin, WhatOneCannotTakeIsForTheOthers) { EXPECT_EQ(max_min_rates({{2, {0}}, {100, {0}}, {6, {0}}}, {20}), (Rates{2, 12, 6})); }

TEST(MaxMin, AFlowThatSharesNothingHasItsCap) { EXPECT_EQ(max_min_rates({{7, {}}, {100, {0}}}, {20}), (Rates{7, 20})); }

TEST(MaxMin, NothingGoesThroughAClosedLink) { EXPECT_EQ(max_min_rates({{7, {0}}, {7, {0, 1}}, {7, {1}}}, {0, 5}), (Rates{0, 0, 5})); }

// Bertsekas and Gallager's example of a line: the long flow has what the fullest link leaves, the others the rest of theirs.
TEST(MaxMin, AFlowOverSeveralLinksHasWhatTheFullestGives) {
  EXPECT_EQ(max_min_rates({{100, {0, 1, 2}}, {100, {0}}, {100, {1}}, {100, {1}}, {100, {2}}}, {10, 9, 20}), (Rates{3, 7, 3, 3, 17}));
}

TEST(MaxMin, TwoRegionsBehindOneEdge) {
  // Link 0: the edge's egress; 1 and 2: the regions' downlinks. The small region fills first, at 2 each; the edge leaves the other 16.
  EXPECT_EQ(max_min_rates({{100, {0, 1}}, {100, {0, 1}}, {100, {0, 2}}, {100, {0, 2}}}, {20, 4, 50}), (Rates{2, 2, 8, 8}));
}

struct Network {
  std::vector<SharedFlow> flows;
  std::vector<double> capacities;
};

Network random_network(base::Random& random) {
  Network out;
  for (std::uint64_t i = 0, links = 1 + random.below(5); i < links; ++i) out.capacities.push_back(random.uniform(1, 100));
  for (std::uint64_t i = 0, flows = 1 + random.below(30); i < flows; ++i) {
    SharedFlow flow{.cap = random.uniform(0.1, 30)};
    for (std::uint32_t link = 0; link < out.capacities.size(); ++link)
      if (random.chance(0.4)) flow.links.push_back(link);
    out.flows.push_back(flow);
  }
  return out;
}

// The definition: nothing is overfull, and each flow has its cap or crosses a full link on which nobody has more than it.
TEST(MaxMin, NobodyCanHaveMoreWithoutTakingItFromWhoHasNoMore) {
  base::Random random{11};
  for (int run = 0; run < 500; ++run) {
    const Network network = random_network(random);
    const Rates rates = max_min_rates(network.flows, network.capacities);
    Rates used(network.capacities.size()), most(network.capacities.size());
    for (std::size_t i = 0; i < rates.size(); ++i)
      for (const std::uint32_t link : network.flows[i].links) {
        used[link] += rates[i];
        most[link] = std::max(most[link], rates[i]);
      }
    for (std::size_t link = 0; link < used.size(); ++link) EXPECT_LE(used[link], network.capacities[link] * (1 + 1e-9));
    for (std::size_t i = 0; i < rates.size(); ++i) {
      const bool is_held = std::any_of(network.flows[i].links.begin(), network.flows[i].links.end(), [&](std::uint32_t link) {
        return used[link] >= network.capacities[link] * (1 - 1e-9) && rates[i] >= most[link] * (1 - 1e-9);
      });
      EXPECT_TRUE(is_held || rates[i] == network.flows[i].cap) << run << ", flow " << i << " has " << rates[i];
      EXPECT_LE(rates[i], network.flows[i].cap);
    }
  }
}

base::Bitrate bps(double value) { return base::Bitrate::bits_per_second(static_cast<std::int64_t>(value)); }

TEST(DemandHistogram, ALinkThatCarriesAllLimitsNobody) {
  DemandHistogram histogram;
  EXPECT_EQ(histogram.level(1_Mbps), DemandHistogram::kUnlimited);
  histogram.add(1_Mbps);
  EXPECT_EQ(histogram.level(1_Mbps), DemandHistogram::kUnlimited);
}

TEST(DemandHistogram, EqualFlowsHaveEqualShares) {
  DemandHistogram histogram;
  for (int i = 0; i < 4; ++i) histogram.add(10_Mbps);
  EXPECT_EQ(histogram.level(8_Mbps), 2_Mbps);
}

TEST(DemandHistogram, SmallFlowsHaveTheirsFirst) {
  DemandHistogram histogram;
  for (const auto cap : {1_Mbps, 2_Mbps, 20_Mbps, 50_Mbps}) histogram.add(cap);
  EXPECT_EQ(histogram.level(23_Mbps), 10_Mbps);
}

TEST(DemandHistogram, ForgetsWhatIsRemoved) {
  DemandHistogram histogram;
  histogram.add(1_Mbps);
  histogram.add(9_Mbps);
  histogram.remove(1_Mbps);
  EXPECT_EQ(histogram.flows(), 1);
  EXPECT_EQ(histogram.level(3_Mbps), 3_Mbps);
}

TEST(DemandHistogram, SharesAddUp) {
  DemandHistogram one, other;
  one.add(1_Mbps);
  other.add(9_Mbps);
  one += other;
  EXPECT_EQ(one.demand(), 10_Mbps);
  EXPECT_EQ(one.level(6_Mbps), 5_Mbps);
}

// Beside the exact shares: the sum is the capacity, and each rate is the exact one, to the width of a bin.
TEST(DemandHistogram, AgreesWithTheExactShares) {
  base::Random random{12};
  for (int run = 0; run < 200; ++run) {
    DemandHistogram histogram;
    std::vector<SharedFlow> flows;
    double demand = 0;
    for (std::uint64_t i = 0, count = 1 + random.below(200); i < count; ++i) {
      const base::Bitrate cap = bps(std::exp(random.uniform(std::log(1e4), std::log(1e9))));
      histogram.add(cap);
      flows.push_back({.cap = static_cast<double>(cap.bps()), .links = {0}});
      demand += static_cast<double>(cap.bps());
    }
    const double capacity = demand * random.uniform(0.05, 0.99);
    const Rates exact = max_min_rates(flows, {capacity});
    const auto level = static_cast<double>(histogram.level(bps(capacity)).bps());
    double sum = 0;
    for (std::size_t i = 0; i < flows.size(); ++i) {
      const double rate = std::min(flows[i].cap, level);
      EXPECT_NEAR(rate / exact[i], 1, DemandHistogram::kWidth);
      sum += rate;
    }
    EXPECT_NEAR(sum / capacity, 1, DemandHistogram::kWidth);
  }
}

}  // namespace
}  // namespace harness
