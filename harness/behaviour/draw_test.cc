#include "harness/behaviour/draw.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace harness {
namespace {

using namespace base::literals;

constexpr int kDraws = 20'000;  // a share of them is then known within 0.011 (3 standard deviations of one half)

std::vector<double> draws(const Distribution& from) {
  base::Random random{17};
  std::vector<double> out;
  for (int i = 0; i < kDraws; ++i) out.push_back(base::to_seconds(draw(from, random)));
  return out;
}

double share_below(const std::vector<double>& all, double bound) {
  return static_cast<double>(std::count_if(all.begin(), all.end(), [bound](double x) { return x < bound; })) / kDraws;
}

struct Case {
  const char* name;
  Distribution from;
  double mean, deviation;  // seconds, by the formulas
  double at, share;        // cumulative distribution there
};

class Draw : public testing::TestWithParam<Case> {};

TEST_P(Draw, HasTheMeanOfItsDistribution) {
  const std::vector<double> all = draws(GetParam().from);
  double sum = 0;
  for (const double x : all) sum += x;
  EXPECT_NEAR(sum / kDraws, GetParam().mean, 4 * GetParam().deviation / std::sqrt(kDraws) + 1e-9);
}

TEST_P(Draw, HasTheQuantilesOfItsDistribution) {
  const double share = GetParam().share;
  EXPECT_NEAR(share_below(draws(GetParam().from), GetParam().at), share, 4 * std::sqrt(share * (1 - share) / kDraws) + 1e-9);
}

// Lognormal of median 100 s and 90th percentile 200 s: sigma = ln 2 / 1.28155 = 0.54087, mean = 100 exp(sigma^2 / 2) = 115.75,
// deviation = mean sqrt(exp(sigma^2) - 1) = 67.51. Weibull of scale 100 s and shape 2: mean = 100 Gamma(1.5) = 88.623,
// deviation = 100 sqrt(Gamma(2) - Gamma(1.5)^2) = 46.325; below 100 s: 1 - 1/e.
INSTANTIATE_TEST_SUITE_P(Distributions, Draw,
                         testing::Values(Case{"fixed", Fixed{90s}, 90, 0, 90.001, 1},
                                         Case{"uniform", Uniform{60s, 180s}, 120, 34.641, 90, 0.25},
                                         Case{"exponential", Exponential{60s}, 60, 60, 60, 1 - std::exp(-1.0)},
                                         Case{"lognormal", Lognormal{100s, 200s}, 115.75, 67.51, 200, 0.9},
                                         Case{"lognormal_median", Lognormal{100s, 200s}, 115.75, 67.51, 100, 0.5},
                                         Case{"weibull", Weibull{100s, 2}, 88.623, 46.325, 100, 1 - std::exp(-1.0)}),
                         [](const auto& each) { return std::string{each.param.name}; });

TEST(DrawBounds, StaysWithin720Hours) {
  base::Random random{3};
  for (int i = 0; i < 1000; ++i) EXPECT_LE(draw(Lognormal{700h, 719h * 1000}, random), 720h);
}

}  // namespace
}  // namespace harness
