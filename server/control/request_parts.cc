#include "server/control/request_parts.h"

#include <fmt/format.h>

namespace server {
namespace {

constexpr std::size_t kLongestLabel = 128;

}  // namespace

std::string_view bearer_of(const ControlRequest& request) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view authorization = request.authorization;
  return authorization.starts_with(kScheme) ? authorization.substr(kScheme.size()) : std::string_view{};
}

std::string read_label(base::JsonObject& json, const char* name) {
  auto label = json.optional<std::string>(name, "");
  if (label.size() > kLongestLabel) json.problem(name, fmt::format("is longer than {} bytes", kLongestLabel));
  return label;
}

AuditRecord record(const char* event, const ControlRequest& request, base::UtcTime now, int status) {
  return {.time = now,
          .event = event,
          .decision = status < 400 ? "allowed" : "refused",
          .status = status,
          .path = request.path,
          .peer = request.peer};
}

}  // namespace server
