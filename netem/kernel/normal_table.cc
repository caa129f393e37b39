#include "netem/kernel/normal_table.h"

#include <linux/pkt_sched.h>

#include <cmath>
#include <numbers>

namespace netem {
namespace {

double share_below(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

// Inverse of share_below, by bisection: +-4 deviations hold all but 6 in 100,000, and the table's outermost places lie at 3.7.
double place_of(double share) {
  double low = -4, high = 4;
  for (int step = 0; step < 40; ++step) {
    const double middle = (low + high) / 2;
    (share_below(middle) < share ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

NormalTable normal_table() {
  NormalTable out{};
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<std::int16_t>(
        std::lround(place_of((static_cast<double>(i) + 0.5) / static_cast<double>(out.size())) * NETEM_DIST_SCALE));
  return out;
}

}  // namespace netem
