// What the actions of the REST API read from a request, and its line in the audit log. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/json_reader.h"
#include "server/control/control_api.h"

namespace server {

// The text of an Authorization: Bearer; empty: there is none.
std::string_view bearer_of(const ControlRequest& request);
inline constexpr std::size_t kLongestLabel = 128;  // bytes
// A name of kLongestLabel at the most, or a password; empty when absent.
std::string read_label(base::JsonObject& json, const char* name);
// `event` was allowed or, with a status of 400 and above, refused.
AuditRecord record(const char* event, const ControlRequest& request, base::UtcTime now, int status);

}  // namespace server
