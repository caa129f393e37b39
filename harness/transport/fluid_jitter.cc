#include "harness/transport/fluid_jitter.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace harness {
namespace {

constexpr double kRootTwo = 1.4142135623730951, kRootTwoPi = 2.5066282746310002;
constexpr double kLeast = -6, kMost = 7;  // standard deviations
constexpr int kSteps = 20;
constexpr double kClose = 0.05;  // after such a step the next one would be of 0.001
// How much rarer a packet before is the latest where it must have been later by a spacing, and delays change slowly. Of the form that
// sequences of the autoregression have, sampled over correlations of 0 to 0.9 and spacings up to the deviation.
constexpr double kFall = 0.85;

// Two functions of standard deviations, looked up between two neighbours of a table: off by less than 1e-5, far below what the forms here
// are. Whoever wants both at one place looks once.
class NormalTable {
 public:
  struct Pair {
    double first, second;
  };
  template <class First, class Second>
  NormalTable(const First& first, const Second& second) {
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const double z = static_cast<double>(i) / kPerDeviation - kRange;
      values_[i] = {first(z), second(z)};
    }
  }
  Pair operator()(double z) const {
    const double at = std::clamp((z + kRange) * kPerDeviation, 0.0, static_cast<double>(values_.size() - 2));
    const auto i = static_cast<std::size_t>(static_cast<std::int64_t>(at));
    const double part = at - static_cast<double>(static_cast<std::int64_t>(i));
    const Pair &low = values_[i], &high = values_[i + 1];
    return {low.first + part * (high.first - low.first), low.second + part * (high.second - low.second)};
  }

 private:
  static constexpr double kRange = 8, kPerDeviation = 128;
  std::array<Pair, 2049> values_{};
};

// Of the standard normal distribution.
struct Normal {
  static double exact_density(double z) { return std::exp(-z * z / 2) / kRootTwoPi; }
  static double exact_above(double z) { return std::erfc(z / kRootTwo) / 2; }

  // The share beyond z, and its integral from z on.
  NormalTable above{exact_above, [](double z) { return exact_density(z) - z * exact_above(z); }};
  // The logarithm of the share up to z, and its slope.
  NormalTable below{[](double z) { return std::log(exact_above(-z)); }, [](double z) { return exact_density(z) / exact_above(-z); }};
};

const Normal& normal() {
  static const Normal tables;
  return tables;
}

// ln P(the largest is at most z): of the last, and of each before it, which has to be later by its distance, as far as they are
// independent. The sum over those is taken as an integral from one half before the first to one half after the last.
struct Largest {
  const Normal& of;
  double weight;    // of the sum: independent values in a standard deviation's worth of spacings
  double from, to;  // standard deviations

  struct Share {
    double log, slope;
  };
  Share at(double z) const {
    const auto [below, hazard] = of.below(z);
    const auto [above_near, excess_near] = of.above(z + from);
    const auto [above_far, excess_far] = of.above(z + to);
    return {below - weight * (excess_near - excess_far), hazard + weight * (above_near - above_far)};
  }
};

}  // namespace

FluidJitter::FluidJitter(const netem::Jitter& jitter, base::Duration delay)
    : floor_{static_cast<float>(-base::to_seconds(delay))},
      deviation_{static_cast<float>(base::to_seconds(jitter.deviation))},
      correlation_{static_cast<float>(jitter.correlation)},
      keep_order_{jitter.keep_order} {}

double FluidJitter::lead() const { return std::min(2 * deviation(), -static_cast<double>(floor_)); }

double FluidJitter::first(base::Random& random) const {
  return deviation_ > 0 ? std::max(deviation() * random.normal(), static_cast<double>(floor_)) : 0;
}

base::Instant FluidJitter::arrival(base::Instant due, Row& row, base::Random& random) const {
  if (deviation_ <= 0) return due;
  const double correlation = static_cast<double>(correlation_);
  const bool is_first = row.last == base::Instant::min();
  row.deviations = is_first ? random.normal() : correlation * row.deviations + std::sqrt(1 - correlation * correlation) * random.normal();
  due += base::from_seconds(std::max(deviation() * row.deviations, static_cast<double>(floor_)));
  return row.last = keep_order_ ? std::max(due, row.last) : due;
}

double FluidJitter::last(base::Random& random, double packets, double spacing) const {
  if (deviation_ <= 0) return 0;
  if (!keep_order_ || packets < 2) return first(random);
  const double fall = std::max(spacing / deviation(), 1e-6), correlation = static_cast<double>(correlation_);
  const double fresh = std::sqrt(1 - correlation);
  const double independent = fresh * std::exp(-kFall * fall * correlation / fresh);
  const Largest largest{.of = normal(), .weight = independent / fall, .from = fall / 2, .to = (packets - 0.5) * fall};
  const double share = std::log(std::max(random.uniform(), 1e-9));
  double z = 0;  // Share::log is concave and rises: from below, Newton's steps never pass the root
  for (int i = 0; i < kSteps; ++i) {
    const Largest::Share here = largest.at(z);
    const double step = (share - here.log) / here.slope;
    z = std::clamp(z + step, kLeast, kMost);
    if (std::abs(step) < kClose) break;
  }
  return std::max(deviation() * z, static_cast<double>(floor_));
}

}  // namespace harness
