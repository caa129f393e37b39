#include "base/nearest_rank.h"

#include <algorithm>
#include <cmath>

namespace base {

std::uint64_t nearest_rank(double q, std::uint64_t count) {
  // 0.07 * 100 is a little more than 7 in binary; it must stay rank 7.
  constexpr double kRounding = 1e-6;
  const double rank = std::ceil(std::clamp(q, 0.0, 1.0) * static_cast<double>(count) - kRounding);
  return std::clamp<std::uint64_t>(static_cast<std::uint64_t>(std::max(rank, 1.0)), 1, count);
}

}  // namespace base
