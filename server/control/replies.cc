#include "server/control/replies.h"

#include <fmt/format.h>

#include "base/problem_details.h"

namespace server {
namespace {

using base::Json;

std::string text_of(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n'; }

}  // namespace

ControlReply json_reply(int status, const Json& body) { return {.status = status, .body = text_of(body)}; }

ControlReply problem_reply(int status, const std::string& reason, const std::string& detail) {
  return {.status = status, .content_type = "application/problem+json", .body = text_of(base::problem_details(status, reason, detail))};
}

ControlReply malformed_body(const std::string& why) { return problem_reply(400, "json", "The body is not JSON: " + why); }

ControlReply field_problems(const std::vector<base::Problem>& problems) {
  Json json = base::problem_details(422, "fields",
                                    problems.size() == 1 ? "One field is wrong" : std::to_string(problems.size()) + " fields are wrong");
  json["errors"] = Json::array();
  for (const base::Problem& problem : problems) json["errors"].push_back({{"path", problem.path}, {"message", problem.message}});
  return {.status = 422, .content_type = "application/problem+json", .body = text_of(json)};
}

ControlReply grant_reply(int status, const Grant& grant) {
  return json_reply(status, {{"access_token", grant.access_token},
                             {"token_type", "Bearer"},
                             {"expires_in", base::to_seconds(grant.expires_in)},
                             {"refresh_token", grant.refresh_token},
                             {"session", grant.session}});
}

ControlReply no_such_stream(const std::string& name) {
  return problem_reply(404, "no-stream", fmt::format("There is no stream \"{}\"", name));
}

ControlReply no_such_destination(const std::string& name) {
  return problem_reply(404, "no-destination", fmt::format("The stream has no destination \"{}\"", name));
}

}  // namespace server
