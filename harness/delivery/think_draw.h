// ThinkDraw: think times by kind of object, drawn from a model's quantiles by seed. Between two quantiles, and beyond the outermost,
// the logarithm of the time goes straight over the normal distribution's deviations, so that a median and a 99th percentile make a
// log-normal. Pure but for its own random numbers.
#pragma once

#include <array>
#include <vector>

#include "base/random.h"
#include "harness/scenario/server_model.h"

namespace harness {

// What a kind takes of which the model says nothing: an assumption, stated in the report.
inline constexpr base::Duration kAssumedThink = std::chrono::milliseconds{2};

// `deviations`: of the standard normal distribution. At most kLongestThink.
base::Duration think_at(const ThinkTime& think, double deviations);

class ThinkDraw {
 public:
  ThinkDraw(const ServerModel& model, std::uint64_t seed);
  base::Duration draw(ObjectKind kind);

 private:
  std::array<ThinkTime, kObjectKinds> think_;
  std::array<bool, kObjectKinds> is_constant_{};
  base::Random random_;
};

}  // namespace harness
