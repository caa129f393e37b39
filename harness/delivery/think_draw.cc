#include "harness/delivery/think_draw.h"

#include <algorithm>
#include <cmath>

namespace harness {

base::Duration think_at(const ThinkTime& think, double deviations) {
  // The two given quantiles around the place, or the outermost two.
  std::optional<std::size_t> low, high;
  for (std::size_t i = 0; i < kQuantiles.size(); ++i) {
    if (!think.at[i]) continue;
    if (low && kQuantiles[*high].deviations >= deviations) break;
    low = high;
    high = i;
  }
  if (!low) return *think.at[*high];
  const double from = kQuantiles[*low].deviations, to = kQuantiles[*high].deviations;
  const double a = std::log(static_cast<double>(think.at[*low]->count())), b = std::log(static_cast<double>(think.at[*high]->count()));
  const double time = std::exp(a + (b - a) * (deviations - from) / (to - from));
  return base::Duration{static_cast<std::int64_t>(std::min(time, static_cast<double>(kLongestThink.count())))};
}

ThinkDraw::ThinkDraw(const ServerModel& model, std::uint64_t seed) : random_{base::Random::stream(seed, "think")} {
  for (std::size_t i = 0; i < kObjectKinds; ++i) {
    if (model.think[i])
      think_[i] = *model.think[i];
    else
      think_[i].at[kMedianQuantile] = kAssumedThink;
    is_constant_[i] = std::count_if(think_[i].at.begin(), think_[i].at.end(), [](const auto& each) { return each.has_value(); }) == 1;
  }
}

base::Duration ThinkDraw::draw(ObjectKind kind) {
  const auto index = static_cast<std::size_t>(kind);
  return is_constant_[index] ? *think_[index].at[kMedianQuantile] : think_at(think_[index], random_.normal());
}

}  // namespace harness
