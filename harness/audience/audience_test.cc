#include "harness/audience/audience.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "base/random.h"

namespace harness {
namespace {

using base::Duration;
using namespace base::literals;
using testing::ElementsAre;

constexpr std::array kShapes{ArrivalShape::kSteady, ArrivalShape::kRamp, ArrivalShape::kBurst, ArrivalShape::kPoisson};

Scenario scenario_of(std::uint32_t sessions, const std::vector<double>& shares, std::uint64_t seed = 1) {
  Scenario scenario;
  scenario.seed = seed;
  scenario.sessions = sessions;
  scenario.arrivals = {.shape = ArrivalShape::kSteady, .over = 20s};
  for (std::size_t i = 0; i < shares.size(); ++i) {
    Cohort cohort;
    cohort.name = "cohort-" + std::to_string(i);
    cohort.share = shares[i];
    scenario.cohorts.push_back(cohort);
  }
  return scenario;
}

std::vector<std::size_t> sizes_of(const Scenario& scenario) {
  std::vector<std::size_t> sizes(scenario.cohorts.size());
  for (const SessionPlan& plan : plan_audience(scenario)) ++sizes[plan.cohort];
  return sizes;
}

std::size_t arrived_by(const std::vector<Duration>& arrivals, Duration when) {
  return static_cast<std::size_t>(std::count_if(arrivals.begin(), arrivals.end(), [&](Duration at) { return at <= when; }));
}

TEST(PlanArrivals, SpreadsSteadyArrivalsEvenly) {
  EXPECT_THAT(plan_arrivals({ArrivalShape::kSteady, 20s}, 5, 1), ElementsAre(0s, 5s, 10s, 15s, 20s));
}

TEST(PlanArrivals, RampsUpLinearly) {
  const auto arrivals = plan_arrivals({ArrivalShape::kRamp, 20s}, 1001, 1);
  EXPECT_EQ(arrived_by(arrivals, 10s), 251u);  // a quarter in half of the time
  EXPECT_EQ(arrivals.back(), 20s);
}

TEST(PlanArrivals, BurstsHalfOfThemInTheFirstTenth) {
  const auto arrivals = plan_arrivals({ArrivalShape::kBurst, 20s}, 200, 1);
  EXPECT_EQ(arrived_by(arrivals, 2s), 100u);
  EXPECT_EQ(arrived_by(arrivals, 11s), 150u);
  EXPECT_EQ(arrivals.back(), 20s);
}

TEST(PlanArrivals, ScattersPoissonArrivalsLikeUniformOnes) {
  const auto arrivals = plan_arrivals({ArrivalShape::kPoisson, 20s}, 10'000, 1);
  EXPECT_NEAR(static_cast<double>(arrived_by(arrivals, 5s)), 2500, 5 * 43.3);  // binomial, sigma 43.3
  std::vector<double> gaps;
  for (std::size_t i = 1; i < arrivals.size(); ++i) gaps.push_back(base::to_seconds(arrivals[i] - arrivals[i - 1]));
  const auto short_ones = std::count_if(gaps.begin(), gaps.end(), [](double gap) { return gap < 0.002 * 0.693147; });
  EXPECT_NEAR(static_cast<double>(short_ones), 5000, 5 * 50);  // the median of an exponential gap
}

TEST(PlanArrivals, AscendWithinOverForEveryShapeAndSize) {
  for (const ArrivalShape shape : kShapes) {
    for (const std::uint32_t n : {1u, 2u, 3u, 10u, 101u, 5000u}) {
      for (const Duration over : {Duration{0s}, Duration{1ns}, Duration{7s}, Duration{720h}}) {
        const auto arrivals = plan_arrivals({shape, over}, n, n);
        ASSERT_EQ(arrivals.size(), n);
        EXPECT_TRUE(std::is_sorted(arrivals.begin(), arrivals.end()));
        EXPECT_GE(arrivals.front(), 0s);
        EXPECT_LE(arrivals.back(), over);
      }
    }
  }
}

TEST(PlanAudience, GivesCohortsTheirShares) { EXPECT_THAT(sizes_of(scenario_of(10, {0.3, 0.3, 0.4})), ElementsAre(3, 3, 4)); }

TEST(PlanAudience, RoundsByLargestRemainder) { EXPECT_THAT(sizes_of(scenario_of(10, {0.24, 0.25, 0.51})), ElementsAre(2, 3, 5)); }

TEST(PlanAudience, SizesAddUpForAnyShares) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    base::Random random{seed};
    std::vector<double> shares(1 + random.below(12));
    double sum = 0;
    for (double& share : shares) sum += share = random.uniform(0.01, 1);
    for (double& share : shares) share /= sum;
    const auto sessions = static_cast<std::uint32_t>(1 + random.below(3000));
    const auto sizes = sizes_of(scenario_of(sessions, shares, seed));
    EXPECT_EQ(std::accumulate(sizes.begin(), sizes.end(), std::size_t{0}), sessions);
    for (std::size_t i = 0; i < sizes.size(); ++i) EXPECT_LT(std::abs(static_cast<double>(sizes[i]) - shares[i] * sessions), 1.0) << seed;
  }
}

TEST(PlanAudience, ToleratesSharesThatAddUpToSlightlyMoreThanOne) {
  const auto sizes = sizes_of(scenario_of(1'000'000, {0.5000004, 0.5000004}));
  EXPECT_EQ(sizes[0] + sizes[1], 1'000'000u);
}

TEST(PlanAudience, NumbersViewersInOrderOfArrival) {
  const auto plans = plan_audience(scenario_of(50, {0.5, 0.5}));
  for (std::size_t i = 0; i < plans.size(); ++i) EXPECT_EQ(base::index_of(plans[i].viewer), i);
  EXPECT_TRUE(std::is_sorted(plans.begin(), plans.end(), [](const auto& a, const auto& b) { return a.arrival < b.arrival; }));
}

TEST(PlanAudience, InterleavesCohortsOverTheArrivals) {
  const auto plans = plan_audience(scenario_of(200, {0.5, 0.3, 0.2}));
  std::vector<int> early(3);
  for (std::size_t i = 0; i < 100; ++i) ++early[plans[i].cohort];
  EXPECT_NEAR(early[0], 50, 3);
  EXPECT_NEAR(early[1], 30, 3);
  EXPECT_NEAR(early[2], 20, 3);
}

TEST(PlanAudience, IsTheSameForTheSameSeed) {
  EXPECT_EQ(plan_audience(scenario_of(300, {0.5, 0.5}, 9)), plan_audience(scenario_of(300, {0.5, 0.5}, 9)));
  EXPECT_NE(plan_audience(scenario_of(300, {0.5, 0.5}, 9)), plan_audience(scenario_of(300, {0.5, 0.5}, 10)));
}

std::vector<std::uint64_t> seeds_of_cohort(const Scenario& scenario, std::size_t cohort) {
  std::vector<std::uint64_t> seeds;
  for (const SessionPlan& plan : plan_audience(scenario))
    if (plan.cohort == cohort) seeds.push_back(plan.seed);
  return seeds;
}

TEST(PlanAudience, KeepsTheViewersOfACohortWhenAnotherIsAdded) {
  const auto before = seeds_of_cohort(scenario_of(100, {0.5, 0.5}), 0);
  const auto after = seeds_of_cohort(scenario_of(200, {0.25, 0.25, 0.5}), 0);
  EXPECT_EQ(before, after);
}

TEST(PlanAudience, KeepsTheViewersWhenOneIsAdded) {
  const auto before = seeds_of_cohort(scenario_of(100, {1}), 0);
  auto after = seeds_of_cohort(scenario_of(101, {1}), 0);
  ASSERT_EQ(after.size(), 101u);
  after.pop_back();
  EXPECT_EQ(before, after);
}

TEST(PlanAudience, GivesEveryViewerAStreamOfItsOwn) {
  std::map<std::uint64_t, int> seen;
  for (const SessionPlan& plan : plan_audience(scenario_of(10'000, {0.7, 0.3}))) ++seen[plan.seed];
  EXPECT_EQ(seen.size(), 10'000u);
}

}  // namespace
}  // namespace harness
