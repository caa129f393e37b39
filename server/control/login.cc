// ControlApi: accounts sign in, learn what they may see, and the page on which they do.
#include <fmt/format.h>

#include "server/control/control_api.h"
#include "server/control/replies.h"
#include "server/control/request_parts.h"
#include "server/web/assets.h"

namespace server {
namespace {

ControlReply no_session() {
  ControlReply refusal = problem_reply(401, "session", "Sign in first: POST /v1/login, then Authorization: Bearer SESSION");
  refusal.fields = {{"WWW-Authenticate", "Bearer realm=\"rehearsal control\""}};
  return refusal;
}

}  // namespace

// Whose login session comes with the request; null: nobody's.
const Account* ControlApi::account_of(const ControlRequest& request, base::UtcTime now) const {
  return accounts_.owner_of(bearer_of(request), now);
}

ControlReply ControlApi::show_login(const ControlRequest& /*request*/, const std::string& /*name*/, base::UtcTime /*now*/) {
  return {.content_type = "text/html; charset=utf-8",
          .body = std::string{login_page()},
          .fields = {{"Content-Security-Policy",
                      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; "
                      "form-action 'none'; frame-ancestors 'none'"},
                     {"Referrer-Policy", "no-referrer"}}};
}

ControlReply ControlApi::show_asset(const ControlRequest& /*request*/, const std::string& name, base::UtcTime /*now*/) {
  const auto asset = name.starts_with("login.") ? find_asset(name) : std::nullopt;
  if (!asset) return problem_reply(404, "no-file", "There is no such file");
  return {.content_type = std::string{asset->content_type}, .body = std::string{asset->bytes}};
}

ControlReply ControlApi::sign_in(const ControlRequest& request, const std::string& /*name*/, base::UtcTime now) {
  const auto body = base::parse_json(request.body);
  if (!body.has_value()) return malformed_body(body.error().message);
  std::vector<base::Problem> problems;
  base::JsonObject json{*body, "", problems};
  const std::string user = read_label(json, "user"), password = read_label(json, "password");
  json.finish();
  if (!problems.empty()) return field_problems(problems);
  const auto session = accounts_.sign_in(user, password, now);
  AuditRecord line = record("login", request, now, session ? 200 : 401);
  line.subject = user;
  audit_.write(std::move(line));
  if (!session) return problem_reply(401, "login", "The user or the password is wrong");
  return json_reply(200, {{"session", *session}, {"expires_in", base::to_seconds(Accounts::kSessionLifetime)}});
}

// The streams that the session's account may ask tokens for.
ControlReply ControlApi::entitlements(const ControlRequest& request, const std::string& /*name*/, base::UtcTime now) {
  const Account* account = account_of(request, now);
  if (account == nullptr) return no_session();
  base::Json streams = base::Json::array();
  for (const StreamStatus& status : streams_.list()) {
    const std::string& name = status.spec.name;
    if (!may_see(*account, name)) continue;
    const char* kind = status.spec.kind == StreamKind::kLive ? "live" : "vod";
    streams.push_back({{"name", name}, {"kind", kind}, {"watch", fmt::format("{}/watch/{}", options_.media_url, name)}});
  }
  return json_reply(200, {{"user", account->user}, {"streams", streams}});
}

}  // namespace server
