#include "server/control/request_parts.h"

#include <fmt/format.h>

#include "base/bearer_token.h"

namespace server {

std::string_view bearer_of(const ControlRequest& request) { return base::bearer_token(request.authorization).value_or(""); }

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
