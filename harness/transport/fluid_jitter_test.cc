#include "harness/transport/fluid_jitter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "netem/model/link_model.h"

namespace harness {
namespace {

using namespace base::literals;

constexpr base::Instant kJitterBegin{1000s};
constexpr base::Duration kJitterDelay = 50ms;

struct Train {
  netem::Jitter jitter;
  int packets;
  double spacing_ms;
};

struct Spread {
  double mean = 0, deviation = 0;  // ms
};

template <class Draw>
Spread spread_of(int draws, const Draw& draw) {
  double sum = 0, squares = 0;
  for (int i = 0; i < draws; ++i) {
    const double value = draw(i);
    sum += value / draws;
    squares += value * value / draws;
  }
  return {sum, std::sqrt(squares - sum * sum)};
}

// How late the last of a train is over a LinkModel whose queue spaces them.
Spread by_packets(const Train& train, int draws) {
  const auto rate = base::Bitrate::bits_per_second(static_cast<std::int64_t>(1500 * 8 / train.spacing_ms * 1e3));
  return spread_of(draws, [&](int i) {
    netem::LinkModel link{{.rate = rate, .delay = kJitterDelay, .jitter = train.jitter, .queue = 10'000'000_B},
                          kJitterBegin,
                          base::Random::stream(5, static_cast<std::uint64_t>(i))};
    netem::Fate last;
    for (int n = 0; n < train.packets; ++n) last = link.judge(kJitterBegin, 1500_B);
    return base::to_milliseconds(last.due - kJitterBegin - kJitterDelay) - train.packets * train.spacing_ms;
  });
}

Spread as_fluid(const Train& train, int draws) {
  const FluidJitter jitter{train.jitter, kJitterDelay};
  base::Random random{3};
  return spread_of(draws, [&](int) { return jitter.last(random, train.packets, train.spacing_ms / 1e3) * 1e3; });
}

class FluidJitterOfTrains : public testing::TestWithParam<Train> {};

TEST_P(FluidJitterOfTrains, IsLateAsOfPackets) {
  const Spread packets = by_packets(GetParam(), 5'000), fluid = as_fluid(GetParam(), 20'000);
  const double deviation = base::to_milliseconds(GetParam().jitter.deviation);
  EXPECT_NEAR(fluid.mean, packets.mean, 0.08 * deviation);
  EXPECT_NEAR(fluid.deviation, packets.deviation, 0.08 * deviation);
}

INSTANTIATE_TEST_SUITE_P(Networks, FluidJitterOfTrains,
                         testing::Values(Train{{3ms, 0.5}, 1, 0.4}, Train{{3ms, 0.5}, 2, 0.4}, Train{{3ms, 0.5}, 14, 0.4},     // wifi
                                         Train{{3ms, 0.5}, 50, 0.4}, Train{{10ms, 0.7}, 5, 1.5}, Train{{10ms, 0.7}, 50, 1.5},  // busy
                                         Train{{6ms, 0.7}, 10, 0.6}, Train{{6ms, 0.7}, 50, 0.6},                               // 4g
                                         Train{{8ms, 0.8}, 5, 4.4}, Train{{8ms, 0.8}, 50, 4.4},                                // mobile
                                         Train{{1ms, 0.5}, 50, 0.12}, Train{{5ms, 0}, 50, 1}, Train{{5ms, 0.5, false}, 20, 0.4}));

// The share of trains whose last packet is at most z deviations late, by the formula whose quantiles the tables hold.
double share_up_to(double z, const Train& train) {
  const auto above = [](double at) { return std::erfc(at / std::sqrt(2)) / 2; };
  const auto excess = [&above](double at) { return std::exp(-at * at / 2) / std::sqrt(2 * 3.14159265358979) - at * above(at); };
  const double fall = train.spacing_ms / base::to_milliseconds(train.jitter.deviation);
  const double fresh = std::sqrt(1 - train.jitter.correlation);
  const double independent = fresh * std::exp(-0.85 * fall * train.jitter.correlation / fresh);
  const double others = train.packets > 1 ? excess(z + fall / 2) - excess(z + (train.packets - 0.5) * fall) : 0;
  return (1 - above(z)) * std::exp(-independent / fall * others);
}

double jitter_quantile(double share, const Train& train) {
  double low = -8, high = 8;
  while (high - low > 1e-6) {
    const double middle = (low + high) / 2;
    (share_up_to(middle, train) < share ? low : high) = middle;
  }
  return high;
}

TEST(FluidJitter, HasTheQuantilesOfTheFormula) {
  constexpr int kDraws = 100'000;
  base::Random random{7};
  for (const double correlation : {0.0, 0.5, 0.9})
    for (const int packets : {1, 2, 3, 10, 100, 3000})
      for (const double spacing : {0.001, 0.03, 0.3, 2.0}) {
        const Train train{{1s, correlation}, packets, spacing * 1e3};
        const FluidJitter jitter{train.jitter, 1h};
        std::vector<double> drawn(kDraws);
        for (double& each : drawn) each = jitter.last(random, packets, spacing);
        std::sort(drawn.begin(), drawn.end());
        for (const double share : {0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999}) {
          const double found = share_up_to(drawn[static_cast<std::size_t>(share * kDraws)], train);
          EXPECT_NEAR(found, share, 0.001 + 5 * std::sqrt(share * (1 - share) / kDraws))
              << packets << " packets, " << spacing << " apart, correlation " << correlation << ": "
              << drawn[static_cast<std::size_t>(share * kDraws)] << ", not " << jitter_quantile(share, train);
        }
      }
}

// Of a row of packets, as of a train.
TEST(FluidJitter, APacketOfARowDoesNotOvertakeTheOneBefore) {
  const Train train{{3ms, 0.5}, 14, 0.4};
  const FluidJitter jitter{train.jitter, kJitterDelay};
  const Spread row = spread_of(5'000, [&](int i) {
    base::Random random = base::Random::stream(5, static_cast<std::uint64_t>(i));
    FluidJitter::Row packets;
    base::Instant last = kJitterBegin;
    for (int n = 0; n < 20 + train.packets; ++n) {
      const base::Instant next = jitter.arrival(kJitterBegin + n * 400us, packets, random);
      EXPECT_TRUE(n == 0 || next >= last);
      last = next;
    }
    return base::to_milliseconds(last - kJitterBegin) - (19 + train.packets) * 0.4;
  });
  EXPECT_NEAR(row.mean, by_packets(train, 5'000).mean, 0.25);
}

TEST(FluidJitter, ThatOfBothWaysIsTheirSum) {
  const FluidJitter down{netem::Jitter{.deviation = 3ms}, kJitterDelay}, up{netem::Jitter{.deviation = 4ms}, kJitterDelay};
  const FluidJitter both = FluidJitter::sum_of(down, up);
  EXPECT_NEAR(both.deviation(), 0.005, 1e-6);
  base::Random random{3};
  const Spread drawn = spread_of(20'000, [&](int) { return both.first(random) * 1e3; });
  EXPECT_NEAR(drawn.mean, 0, 0.15);
  EXPECT_NEAR(drawn.deviation, 5, 0.15);
  const FluidJitter wide = FluidJitter::sum_of(FluidJitter{netem::Jitter{.deviation = 1s}, kJitterDelay}, up);
  for (int i = 0; i < 1000; ++i) EXPECT_GE(wide.first(random), -0.100001) << "both delays";
}

TEST(FluidJitter, NoneIsDrawnWhereThereIsNone) {
  const FluidJitter none{netem::Jitter{}, kJitterDelay};
  base::Random random{3}, untouched{3};
  EXPECT_EQ(none.first(random), 0);
  EXPECT_EQ(none.last(random, 10, 0.001), 0);
  EXPECT_EQ(random.next(), untouched.next());
}

TEST(FluidJitter, IsNeverEarlierThanTheDelayAllows) {
  const FluidJitter wide{netem::Jitter{.deviation = 100ms}, kJitterDelay};
  base::Random random{3};
  for (int i = 0; i < 1000; ++i) EXPECT_GE(wide.first(random), -0.050001);
}

TEST(FluidJitter, TheSameSeedIsLateAlike) {
  const FluidJitter jitter{netem::Jitter{.deviation = 3ms, .correlation = 0.5}, kJitterDelay};
  base::Random one{3}, other{3};
  EXPECT_EQ(jitter.last(one, 10, 0.001), jitter.last(other, 10, 0.001));
}

}  // namespace
}  // namespace harness
