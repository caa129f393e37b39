#include "harness/transport/fluid_jitter.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace harness {
namespace {

constexpr double kRootTwo = 1.4142135623730951, kRootTwoPi = 2.5066282746310002;
constexpr double kNoLevel = -std::numeric_limits<double>::infinity();
// How much rarer a packet before is the latest where it must have been later by a spacing, and delays change slowly. Of the form that
// sequences of the autoregression have, sampled over correlations of 0 to 0.9 and spacings up to the deviation.
constexpr double kFall = 0.85;

// Of the standard normal distribution: the share beyond z, and its integral from z on.
double normal_density(double z) { return std::exp(-z * z / 2) / kRootTwoPi; }
double normal_above(double z) { return std::erfc(z / kRootTwo) / 2; }
double normal_excess(double z) { return normal_density(z) - z * normal_above(z); }

double interpolate(double low, double high, double part) { return low + part * (high - low); }

// Where a number lies among 2^kBits places in each octave from 2^kFirst to 2^kLast.
template <int kFirst, int kLast, int kBits>
class Octaves {
 public:
  static constexpr std::size_t kPlaces = (std::size_t{kLast - kFirst} << kBits) + 1;

  explicit Octaves(double x) {
    const auto bits = std::bit_cast<std::int64_t>(std::clamp(x, kLow, kHigh));
    place = static_cast<std::size_t>((bits >> kRest) - (std::int64_t{1023 + kFirst} << kBits));
    part = static_cast<double>(bits & ((std::int64_t{1} << kRest) - 1)) * kUnit;
  }
  static double at(std::size_t place) {
    const double within = static_cast<double>(place & ((std::size_t{1} << kBits) - 1)) / (1 << kBits);
    return std::ldexp(1 + within, kFirst + static_cast<int>(place >> kBits));
  }
  std::size_t place;
  double part;  // of the way to the next place

 private:
  static constexpr int kRest = 52 - kBits;  // the bits of a double that tell less than the place
  static constexpr double kUnit = 1.0 / static_cast<double>(std::int64_t{1} << kRest);
  static constexpr double power(int exponent) { return std::bit_cast<double>(std::int64_t{1023 + exponent} << 52); }
  static constexpr double kLow = power(kFirst), kHigh = power(kLast) * (1 - 0x1p-50);
};

// Quantiles by half a random number: a bit tells the side, the rest which share of the values lies farther out.
class Quantiles {
 public:
  Quantiles() {
    double z = 6.5;
    for (std::size_t i = 0; i < Shares::kPlaces; ++i) {
      const double share = Shares::at(i);
      for (int step = 0; step < 6; ++step)
        z += std::log(normal_above(z) / share) * normal_above(z) / normal_density(z);  // Newton's, from above
      normal_[i] = z;
      waits_[0][i] = -std::log1p(-share);
      waits_[1][i] = -std::log(share);
    }
  }
  double normal(std::uint32_t chance) const {
    const double z = look_up(normal_, chance);
    return is_high(chance) ? z : -z;
  }
  // Of the exponential distribution of mean one.
  double exponential(std::uint32_t chance) const { return look_up(waits_[is_high(chance) ? 1 : 0], chance); }

 private:
  using Shares = Octaves<-33, -1, 4>;
  using Table = std::array<double, Shares::kPlaces>;
  static bool is_high(std::uint32_t chance) { return chance >> 31 != 0; }
  static double look_up(const Table& table, std::uint32_t chance) {
    const Shares at{(static_cast<double>(chance & 0x7FFF'FFFF) + 0.5) * 0x1p-32};
    return interpolate(table[at.place], table[at.place + 1], at.part);
  }

  Table normal_{};
  std::array<Table, 2> waits_{};
};

// A row of normal values, each of which counts for less than the one before it by the same: how far out, seen from the last one, the mean
// share of them is a given one, where the first counts for `span` less than the last. The sum over them is taken as an integral.
class Levels {
 public:
  Levels() {
    for (std::size_t i = 0; i < Spans::kPlaces; ++i) {
      double z = 8;
      for (std::size_t n = 0; n < Shares::kPlaces; ++n) {
        z = level(std::min(Shares::at(n), kMostShare), Spans::at(i), z);
        middles_[i][n] = static_cast<float>(z + Spans::at(i) / 2);
      }
    }
  }
  double operator()(double share, double span) const {
    if (span > kWide) {  // those farther off are never there
      share *= span / kWide;
      span = kWide;
    }
    if (share >= 1) return kNoLevel;
    const Shares of{share};
    const Spans over{span};
    const auto &low = middles_[over.place], &high = middles_[over.place + 1];
    const auto along = [&of](const auto& row) {
      return interpolate(static_cast<double>(row[of.place]), static_cast<double>(row[of.place + 1]), of.part);
    };
    return interpolate(along(low), along(high), over.part) - span / 2;
  }

 private:
  static constexpr double kWide = 16;               // deviations
  static constexpr double kMostShare = 1 - 0x1p-8;  // for which the place is one that tables can hold
  using Shares = Octaves<-40, 0, 3>;
  using Spans = Octaves<-4, 4, 1>;
  // By Newton's steps: the logarithm of the share is concave. Requires: it is `from` or less.
  static double level(double share, double span, double from) {
    for (int step = 0; step < 20; ++step) {
      const double beyond = normal_excess(from) - normal_excess(from + span);
      const double less = std::log(share * span / beyond) * beyond / (normal_above(from) - normal_above(from + span));
      from -= less;
      if (less < 1e-5) break;
    }
    return from;
  }

  std::array<std::array<float, Shares::kPlaces>, Spans::kPlaces> middles_{};
};

// Powers of e, from -16 to 0.
class Powers {
 public:
  Powers() {
    for (std::size_t i = 0; i < values_.size(); ++i) values_[i] = std::exp((static_cast<double>(i) - kPlaces) / kPerUnit);
  }
  double operator()(double exponent) const {
    const double at = std::clamp(exponent * kPerUnit + kPlaces, 0.0, 1.0 * kPlaces);
    const auto place = static_cast<std::int64_t>(at);
    const auto i = static_cast<std::size_t>(place);
    return interpolate(values_[i], values_[i + 1], at - static_cast<double>(place));
  }

 private:
  static constexpr int kPerUnit = 32, kPlaces = 16 * kPerUnit;
  std::array<double, kPlaces + 2> values_{};
};

struct JitterTables {
  Quantiles quantiles;
  Levels levels;
  Powers powers;
};

const JitterTables& jitter_tables() {
  static const JitterTables all;
  return all;
}

double draw_normal(base::Random& random) { return jitter_tables().quantiles.normal(static_cast<std::uint32_t>(random.next() >> 32)); }

}  // namespace

FluidJitter::FluidJitter(const netem::Jitter& jitter, base::Duration delay)
    : floor_{static_cast<float>(-base::to_seconds(delay))},
      deviation_{static_cast<float>(base::to_seconds(jitter.deviation))},
      correlation_{static_cast<float>(jitter.correlation)},
      fresh_{static_cast<float>(std::sqrt(1 - jitter.correlation))},
      falling_{fresh_ > 0 ? static_cast<float>(-kFall * jitter.correlation / std::sqrt(1 - jitter.correlation)) : 0},
      keep_order_{jitter.keep_order} {}

FluidJitter FluidJitter::sum_of(const FluidJitter& one, const FluidJitter& other) {
  FluidJitter sum;
  sum.floor_ = one.floor_ + other.floor_;
  sum.deviation_ = std::hypot(one.deviation_, other.deviation_);
  return sum;
}

double FluidJitter::lead() const { return std::min(2 * deviation(), -static_cast<double>(floor_)); }

double FluidJitter::first(base::Random& random) const {
  return deviation_ > 0 ? std::max(deviation() * draw_normal(random), static_cast<double>(floor_)) : 0;
}

base::Instant FluidJitter::arrival(base::Instant due, Row& row, base::Random& random) const {
  if (deviation_ <= 0) return due;
  const double correlation = static_cast<double>(correlation_);
  const bool is_first = row.last == base::Instant::min();
  row.deviations =
      is_first ? draw_normal(random) : correlation * row.deviations + std::sqrt(1 - correlation * correlation) * draw_normal(random);
  due += base::from_seconds(std::max(deviation() * row.deviations, static_cast<double>(floor_)));
  return row.last = keep_order_ ? std::max(due, row.last) : due;
}

// The last one's own delay, or the latest of those before it, each of which has to be later than it by its distance. As far as they are
// independent, those that are later than z are a Poisson number; that there is none is as likely as that an exponential wait is longer than
// their mean number.
double FluidJitter::last(base::Random& random, double packets, double spacing) const {
  if (deviation_ <= 0) return 0;
  if (!keep_order_ || packets < 2) return first(random);
  const JitterTables& of = jitter_tables();
  const std::uint64_t chance = random.next();
  double z = of.quantiles.normal(static_cast<std::uint32_t>(chance >> 32));
  const double fall = std::max(spacing / deviation(), 1e-6), others = packets - 1;
  const double independent = static_cast<double>(fresh_) * of.powers(static_cast<double>(falling_) * fall) * others;
  const double wait = of.quantiles.exponential(static_cast<std::uint32_t>(chance));
  if (wait < independent) z = std::max(z, of.levels(wait / independent, others * fall) - fall / 2);
  return std::max(deviation() * z, static_cast<double>(floor_));
}

}  // namespace harness
