#include "harness/abr/limits.h"

#include <fmt/format.h>

namespace harness::abr {

double number_of(const base::Json* value, const std::string& path, const Limits& limits, std::vector<base::Problem>& problems) {
  const auto refused = [&](std::string why) { return problems.push_back({path, std::move(why)}), 0.0; };
  if (value == nullptr) return refused("is required and missing");
  const base::Result<double> number = base::from_json_value<double>(*value);
  if (!number.has_value()) return refused(number.error().message);
  if (limits.above_least ? *number <= limits.least : *number < limits.least)
    return refused(fmt::format("is {}; must be {} {}", *number, limits.above_least ? "above" : "at least", limits.least));
  if (*number > limits.most) return refused(fmt::format("is {}; at most {}", *number, limits.most));
  return *number;
}

}  // namespace harness::abr
