#include "harness/scenario/cohort_sizes.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/ensure.h"

namespace harness {

std::vector<std::size_t> cohort_sizes(const std::vector<Cohort>& cohorts, std::size_t sessions) {
  double sum = 0;
  for (const Cohort& cohort : cohorts) sum += cohort.share;
  std::vector<std::size_t> sizes, order(cohorts.size());
  std::vector<double> remainders;
  for (const Cohort& cohort : cohorts) {
    const double quota = cohort.share / sum * static_cast<double>(sessions);
    sizes.push_back(static_cast<std::size_t>(quota));
    remainders.push_back(quota - std::floor(quota));
  }
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
  std::size_t left = sessions - std::accumulate(sizes.begin(), sizes.end(), std::size_t{0});
  ENSURE(left <= sizes.size());
  for (std::size_t i = 0; i < left; ++i) ++sizes[order[i]];
  return sizes;
}

}  // namespace harness
