// Fields that say how much a server has in it, alike in model files and in the virtual world's section of a scenario. Zero capacity
// would serve nobody and is refused: leave such a field out to set no limit. What is scaled down or measured stays above the least, too.
#pragma once

#include <optional>
#include <string_view>

#include "base/json_reader.h"
#include "base/units.h"
#include "harness/scenario/virtual_world.h"

namespace harness {

// One in eleven days.
inline constexpr double kLeastRequestsPerSecond = 1e-6;
inline constexpr double kLeastCores = 1e-4;  // what is left of one core of a server that is scaled down
// What one viewer of the lowest rendition takes with its audio.
base::Bitrate least_egress(const ContentShape& content);

std::optional<double> requests_field(base::JsonObject& object, std::string_view name);
std::optional<base::Bitrate> egress_field(base::JsonObject& object, std::string_view name);
std::optional<std::int64_t> connections_field(base::JsonObject& object, std::string_view name);
std::optional<base::Duration> queue_wait_field(base::JsonObject& object, std::string_view name);
std::optional<std::int64_t> renditions_field(base::JsonObject& object, std::string_view name);

}  // namespace harness
