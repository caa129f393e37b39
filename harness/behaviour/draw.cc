#include "harness/behaviour/draw.h"

#include <algorithm>
#include <cmath>

namespace harness {
namespace {

constexpr double kMostSeconds = 720 * 3600;
constexpr double kNormalP90 = 1.2815515655446004;  // the standard normal's 90th percentile

double seconds_from(const Fixed& fixed, base::Random&) { return base::to_seconds(fixed.value); }
double seconds_from(const Uniform& uniform, base::Random& random) {
  return random.uniform(base::to_seconds(uniform.min), base::to_seconds(uniform.max));
}
double seconds_from(const Exponential& exponential, base::Random& random) { return random.exponential(base::to_seconds(exponential.mean)); }
double seconds_from(const Lognormal& lognormal, base::Random& random) {
  const double median = base::to_seconds(lognormal.median);
  const double sigma = std::log(base::to_seconds(lognormal.p90) / median) / kNormalP90;
  return median * std::exp(sigma * random.normal());
}
double seconds_from(const Weibull& weibull, base::Random& random) {
  return base::to_seconds(weibull.scale) * std::pow(random.exponential(1), 1 / weibull.shape);
}

}  // namespace

base::Duration draw(const Distribution& from, base::Random& random) {
  if (const auto* fixed = std::get_if<Fixed>(&from)) return fixed->value;  // exact
  const double seconds = std::visit([&random](const auto& one) { return seconds_from(one, random); }, from);
  return base::from_seconds(std::clamp(seconds, 0.0, kMostSeconds));
}

}  // namespace harness
