// The replies of the REST API: JSON, and problem details (RFC 9457) for errors. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/json_reader.h"
#include "server/access/token_authority.h"
#include "server/control/control_api.h"

namespace server {

ControlReply no_such_stream(const std::string& name);
ControlReply no_such_destination(const std::string& name);
ControlReply json_reply(int status, const base::Json& body);
ControlReply problem_reply(int status, const std::string& reason, const std::string& detail);
ControlReply malformed_body(const std::string& why);
// 422 with every field problem.
ControlReply field_problems(const std::vector<base::Problem>& problems);
ControlReply grant_reply(int status, const Grant& grant);

}  // namespace server
