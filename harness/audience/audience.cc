#include "harness/audience/audience.h"

#include <algorithm>
#include <cmath>

#include "base/ensure.h"
#include "base/random.h"
#include "harness/scenario/cohort_sizes.h"

namespace harness {
namespace {

using base::Duration;
using base::Random;

// One viewer of a cohort. Its place in the queue, in [0, 1), is spread evenly over its cohort with a random step of its own.
struct Seat {
  double place;
  std::size_t cohort;
  std::uint64_t seed;
};

std::vector<Seat> seats_of(const Scenario& scenario) {
  const std::vector<std::size_t> sizes = cohort_sizes(scenario.cohorts, scenario.sessions);
  std::vector<Seat> seats;
  seats.reserve(scenario.sessions);
  for (std::size_t cohort = 0; cohort < sizes.size(); ++cohort) {
    const std::uint64_t cohort_seed = Random::stream(scenario.seed, scenario.cohorts[cohort].name).next();
    for (std::size_t member = 0; member < sizes[cohort]; ++member) {
      Random random = Random::stream(cohort_seed, member);
      const double place = (static_cast<double>(member) + random.uniform()) / static_cast<double>(sizes[cohort]);
      seats.push_back({place, cohort, random.next()});
    }
  }
  std::stable_sort(seats.begin(), seats.end(), [](const Seat& a, const Seat& b) { return a.place < b.place; });
  return seats;
}

// ---- arrival shapes: the share of `over` at which arrival i of n comes ----------------------------------------------------------
double steady(std::size_t i, std::size_t n) { return static_cast<double>(i) / static_cast<double>(n - 1); }

// The rate grows from zero, so the count grows with the square of the time.
double ramp(std::size_t i, std::size_t n) { return std::sqrt(steady(i, n)); }

double burst(std::size_t i, std::size_t n) {
  constexpr double kFront = 0.1;
  const std::size_t half = (n + 1) / 2;
  if (i < half) return kFront * static_cast<double>(i) / static_cast<double>(half);
  return kFront + (1 - kFront) * static_cast<double>(i - half + 1) / static_cast<double>(n - half);
}

// A Poisson process that had n arrivals within `over`: exponential gaps, scaled so that n + 1 of them fill it.
std::vector<double> poisson(std::size_t n, std::uint64_t seed) {
  Random random = Random::stream(seed, "arrivals");
  std::vector<double> places;
  double at = 0;
  for (std::size_t i = 0; i < n; ++i) places.push_back(at += random.exponential(1));
  const double end = at + random.exponential(1);
  for (double& place : places) place = end > 0 ? place / end : 0;
  return places;
}

std::vector<double> places_of(ArrivalShape shape, std::size_t n, std::uint64_t seed) {
  if (shape == ArrivalShape::kPoisson) return poisson(n, seed);
  if (n == 1) return {0.0};
  std::vector<double> places;
  places.reserve(n);
  for (std::size_t i = 0; i < n; ++i)
    places.push_back(shape == ArrivalShape::kSteady ? steady(i, n) : shape == ArrivalShape::kRamp ? ramp(i, n) : burst(i, n));
  return places;
}

}  // namespace

std::vector<Duration> plan_arrivals(const Arrivals& arrivals, std::uint32_t sessions, std::uint64_t seed) {
  std::vector<Duration> out;
  out.reserve(sessions);
  if (sessions == 0) return out;
  const auto over = static_cast<double>(arrivals.over.count());
  for (const double place : places_of(arrivals.shape, sessions, seed)) {
    const Duration at{static_cast<std::int64_t>(place * over)};
    out.push_back(std::clamp(at, Duration::zero(), arrivals.over));
  }
  return out;
}

std::vector<SessionPlan> plan_audience(const Scenario& scenario) {
  const std::vector<Duration> arrivals = plan_arrivals(scenario.arrivals, scenario.sessions, scenario.seed);
  const std::vector<Seat> seats = seats_of(scenario);
  ENSURE(seats.size() == arrivals.size());
  std::vector<SessionPlan> plans;
  plans.reserve(seats.size());
  for (std::size_t i = 0; i < seats.size(); ++i)
    plans.push_back({.viewer = base::ViewerId{static_cast<std::uint32_t>(i)},
                     .arrival = arrivals[i],
                     .cohort = seats[i].cohort,
                     .seed = seats[i].seed});
  return plans;
}

}  // namespace harness
