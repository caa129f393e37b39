#include "harness/scenario/capacity_fields.h"

#include <algorithm>

#include "harness/scenario/fields.h"
#include "harness/scenario/server_model.h"

namespace harness {
namespace {

using namespace base::literals;

constexpr const char* kRemedy = "; write what it serves, or leave it out to set no limit";
constexpr std::int64_t kMostConnections = 100'000'000;
constexpr std::int64_t kMostRenditions = 100'000;

template <class T>
std::optional<T> capacity(base::JsonObject& object, std::string_view name, std::optional<T> value, T most, const std::string& most_text) {
  if (!value || (*value > T{} && *value <= most)) return value;
  object.problem(name, *value > T{} ? fmt::format("must be at most {}{}", most_text, kRemedy)
                                    : fmt::format("must be above 0: a server without capacity serves nobody{}", kRemedy));
  return std::nullopt;
}

}  // namespace

base::Bitrate least_egress(const ContentShape& content) {
  base::Bitrate lowest = kMostEgress;
  for (const ContentShape::Rung& rung : content.ladder) lowest = std::min(lowest, rung.bitrate + content.audio);
  return lowest;
}

std::optional<double> requests_field(base::JsonObject& object, std::string_view name) {
  const auto value = capacity(object, name, object.optional<double>(name), kMostRequestsPerSecond, "1e9");
  if (!value || *value >= kLeastRequestsPerSecond) return value;
  object.problem(name, fmt::format("must be at least {:g}, got {:g}{}", kLeastRequestsPerSecond, *value, kRemedy));
  return std::nullopt;
}
std::optional<base::Bitrate> egress_field(base::JsonObject& object, std::string_view name) {
  return capacity(object, name, object.optional<base::Bitrate>(name), kMostEgress, "1000000gbit");
}
std::optional<std::int64_t> connections_field(base::JsonObject& object, std::string_view name) {
  return capacity(object, name, object.optional<std::int64_t>(name), kMostConnections, std::to_string(kMostConnections));
}
std::optional<base::Duration> queue_wait_field(base::JsonObject& object, std::string_view name) {
  return within(object, name, object.optional<base::Duration>(name), 1ms, 60s);
}
std::optional<std::int64_t> renditions_field(base::JsonObject& object, std::string_view name) {
  return capacity(object, name, object.optional<std::int64_t>(name), kMostRenditions, std::to_string(kMostRenditions));
}

}  // namespace harness
