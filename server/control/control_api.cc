#include "server/control/control_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "server/access/hmac.h"
#include "server/control/cmcd_json.h"
#include "server/control/replies.h"
#include "server/control/request_parts.h"
#include "server/control/stream_json.h"

namespace server {
namespace {

using base::Json;
using base::JsonObject;
using base::Problem;
using namespace std::chrono_literals;

constexpr std::size_t kMostListed = 100;  // keeps a page below 64 KB
constexpr std::size_t kListed = 50;

// Each '*' stands for one part of the path, which is not empty. `name`: these parts, with slashes between them.
bool matches(std::string_view pattern, std::string_view path, std::string& name) {
  name.clear();
  for (;;) {
    const std::size_t star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == path;
    if (!path.starts_with(pattern.substr(0, star))) return false;
    path.remove_prefix(star);
    pattern.remove_prefix(star + 1);
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end == 0) return false;
    name += (name.empty() ? "" : "/") + std::string{path.substr(0, end)};
    path.remove_prefix(end);
  }
}

const char* to_text(Verb verb) {
  switch (verb) {
    case Verb::kGet:
      return "GET";
    case Verb::kHead:
      return "HEAD";
    case Verb::kPost:
      return "POST";
    case Verb::kDelete:
      return "DELETE";
    case Verb::kOptions:
      return "OPTIONS";
    case Verb::kOther:
      return "";
  }
  return "";
}

// Nothing: not a number from 1 to kMostListed.
std::optional<std::size_t> read_limit(const std::optional<std::string>& text) {
  if (!text) return kListed;
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (error != std::errc{} || end != text->data() + text->size() || limit == 0 || limit > kMostListed) return std::nullopt;
  return limit;
}

ControlReply bad_limit() { return field_problems({{"limit", fmt::format("must be a number from 1 to {}", kMostListed)}}); }

TokenRequest read_token_request(JsonObject json, const StreamDirectory& streams) {
  TokenRequest request;
  request.stream = json.required<std::string>("stream");
  if (!request.stream.empty() && !streams.find(request.stream)) json.problem("stream", "there is no such stream");
  if (!json.has("subject")) json.problem("subject", "is required and missing");
  request.subject = read_label(json, "subject");
  if (json.has("subject") && request.subject.empty()) json.problem("subject", "must be a name for the viewer");
  request.group = read_label(json, "group");
  request.lifetime = json.optional<base::Duration>("lifetime");
  if (request.lifetime && (*request.lifetime < 1s || *request.lifetime > 24h)) json.problem("lifetime", "must be from 1s to 24h");
  json.finish();
  return request;
}

TokenSelection read_selection(JsonObject json) {
  TokenSelection selection{.session = read_label(json, "session"),
                           .subject = read_label(json, "subject"),
                           .group = read_label(json, "group"),
                           .stream = read_label(json, "stream")};
  json.finish();
  if (json.problems().empty() && selection.session.empty() && selection.subject.empty() && selection.group.empty() &&
      selection.stream.empty())
    json.problem("", "needs at least one of session, subject, group and stream");
  return selection;
}

AuditRecord record(const char* event, const ControlRequest& request, base::UtcTime now, const TokenSelection& selection) {
  AuditRecord line = record(event, request, now, 200);
  line.session = selection.session;
  line.subject = selection.subject;
  line.stream = selection.stream;
  if (!selection.group.empty()) line.reason = "group " + selection.group;
  return line;
}

std::string allowed_verbs(const std::vector<std::string>& verbs) { return fmt::format("{}, OPTIONS", fmt::join(verbs, ", ")); }

}  // namespace

ControlApi::ControlApi(Options options, StreamDirectory& streams, TokenAuthority& tokens, AuditLog& audit, const CmcdLog& cmcd,
                       Accounts accounts)
    : options_{std::move(options)}, streams_{streams}, tokens_{tokens}, audit_{audit}, cmcd_{cmcd}, accounts_{std::move(accounts)} {}

const std::vector<ControlApi::Route>& ControlApi::routes() {
  static const std::vector<Route> kRoutes = {
      {Verb::kGet, "/v1/streams", Guard::kAdmin, &ControlApi::list_streams},
      {Verb::kPost, "/v1/streams", Guard::kAdmin, &ControlApi::create_stream},
      {Verb::kGet, "/v1/streams/*", Guard::kAdmin, &ControlApi::show_stream},
      {Verb::kDelete, "/v1/streams/*", Guard::kAdmin, &ControlApi::remove_stream},
      {Verb::kPost, "/v1/streams/*/on-air", Guard::kAdmin, &ControlApi::put_on_air},
      {Verb::kDelete, "/v1/streams/*/pin", Guard::kAdmin, &ControlApi::unpin},
      {Verb::kPost, "/v1/streams/*/forward", Guard::kAdmin, &ControlApi::add_forward},
      {Verb::kDelete, "/v1/streams/*/forward/*", Guard::kAdmin, &ControlApi::remove_forward},
      {Verb::kPost, "/v1/streams/*/forward/*/start", Guard::kAdmin, &ControlApi::start_forward},
      {Verb::kPost, "/v1/streams/*/forward/*/stop", Guard::kAdmin, &ControlApi::stop_forward},
      {Verb::kGet, "/v1/publishers/refused", Guard::kAdmin, &ControlApi::list_refused},
      {Verb::kGet, "/login", Guard::kPublic, &ControlApi::show_login},
      {Verb::kGet, "/static/*", Guard::kPublic, &ControlApi::show_asset},
      {Verb::kPost, "/v1/login", Guard::kPublic, &ControlApi::sign_in},
      {Verb::kGet, "/v1/entitlements", Guard::kPublic, &ControlApi::entitlements},
      {Verb::kPost, "/v1/tokens", Guard::kTokens, &ControlApi::issue},
      {Verb::kPost, "/v1/tokens/refresh", Guard::kPublic, &ControlApi::refresh},
      {Verb::kPost, "/v1/tokens/revoke", Guard::kAdmin, &ControlApi::revoke},
      {Verb::kPost, "/v1/tokens/expire", Guard::kAdmin, &ControlApi::expire},
      {Verb::kGet, "/v1/cmcd/sessions", Guard::kAdmin, &ControlApi::list_cmcd},
      {Verb::kGet, "/v1/cmcd/sessions/*", Guard::kAdmin, &ControlApi::show_cmcd},
      {Verb::kGet, "/v1/health", Guard::kPublic, &ControlApi::health},
      {Verb::kGet, "/v1/version", Guard::kPublic, &ControlApi::version},
  };
  return kRoutes;
}

ControlReply ControlApi::answer(const ControlRequest& request, base::UtcTime now) {
  const Verb verb = request.verb == Verb::kHead ? Verb::kGet : request.verb;
  std::vector<std::string> verbs;
  std::string name;
  bool for_pages = false;
  const auto marked = [&](ControlReply reply) { return reply.for_pages = for_pages, reply; };
  for (const Route& route : routes()) {
    if (!matches(route.path, request.path, name)) continue;
    for_pages = route.guard != Guard::kAdmin;
    if (route.verb == verb) return marked(guarded(route, request, name, now));
    verbs.emplace_back(to_text(route.verb));
    if (route.verb == Verb::kGet) verbs.emplace_back("HEAD");
  }
  if (request.verb == Verb::kOptions)
    return marked({.status = 204,
                   .content_type = "",
                   .fields = {{"Allow", verbs.empty() ? "GET, HEAD, POST, DELETE, OPTIONS" : allowed_verbs(verbs)}}});
  if (verbs.empty()) return problem_reply(404, "no-resource", "There is no such resource; see docs/server.md");
  ControlReply refusal = problem_reply(405, "method", "The resource takes " + allowed_verbs(verbs));
  refusal.fields = {{"Allow", allowed_verbs(verbs)}};
  return marked(std::move(refusal));
}

ControlReply ControlApi::guarded(const Route& route, const ControlRequest& request, const std::string& name, base::UtcTime now) {
  // Without a key, whatever page its operator has open could drive the server; no page of ours asks for these.
  if (options_.api_key.empty() && route.guard == Guard::kAdmin && !request.origin.empty())
    return problem_reply(403, "origin", "A web page asks for this, and there is no control.api_key that it could know");
  if (may_pass(request, route.guard, now)) return (this->*route.action)(request, name, now);
  ControlReply refusal = problem_reply(401, "api-key", "This needs the API key: Authorization: Bearer KEY, or X-Api-Key: KEY");
  refusal.fields = {{"WWW-Authenticate", "Bearer realm=\"rehearsal control\""}};
  return refusal;
}

bool ControlApi::may_pass(const ControlRequest& request, Guard guard, base::UtcTime now) const {
  if (options_.api_key.empty() || guard == Guard::kPublic) return true;
  if (guard == Guard::kTokens && (options_.open_tokens || account_of(request, now) != nullptr)) return true;
  return has_key(request);
}

bool ControlApi::has_key(const ControlRequest& request) const {
  return equal_in_constant_time(bearer_of(request), options_.api_key) || equal_in_constant_time(request.api_key, options_.api_key);
}

ControlReply ControlApi::create_stream(const ControlRequest& request, const std::string& /*name*/, base::UtcTime /*now*/) {
  const auto body = base::parse_json(request.body);
  if (!body.has_value()) return malformed_body(body.error().message);
  std::vector<Problem> problems;
  const StreamSpec spec = read_stream_spec(JsonObject{*body, "", problems});
  if (!problems.empty()) return field_problems(problems);
  const auto taken = [&] { return problem_reply(409, "name-taken", fmt::format("There is a stream \"{}\" already", spec.name)); };
  if (streams_.find(spec.name)) return taken();
  if (const auto created = streams_.create(spec); !created.has_value())
    return streams_.find(spec.name) ? taken() : problem_reply(422, "stream", created.error().message);
  const auto status = streams_.find(spec.name);
  ControlReply reply = json_reply(201, to_json(status ? *status : StreamStatus{.spec = spec}, options_.media_url));
  reply.fields = {{"Location", "/v1/streams/" + spec.name}};
  return reply;
}

ControlReply ControlApi::list_streams(const ControlRequest& request, const std::string& /*name*/, base::UtcTime /*now*/) {
  const auto limit = read_limit(request.limit);
  if (!limit) return bad_limit();
  std::vector<StreamStatus> all = streams_.list();
  const std::string after = request.after.value_or("");
  std::erase_if(all, [&](const StreamStatus& s) { return s.spec.name <= after; });
  std::sort(all.begin(), all.end(), [](const StreamStatus& a, const StreamStatus& b) { return a.spec.name < b.spec.name; });
  Json page = {{"streams", Json::array()}};
  for (std::size_t i = 0; i < std::min(*limit, all.size()); ++i) page["streams"].push_back(to_brief_json(all[i], options_.media_url));
  if (all.size() > *limit) page["next"] = "/v1/streams?limit=" + std::to_string(*limit) + "&after=" + all[*limit - 1].spec.name;
  return json_reply(200, page);
}

ControlReply ControlApi::show_stream(const ControlRequest& /*request*/, const std::string& name, base::UtcTime /*now*/) {
  const auto status = streams_.find(name);
  return status ? json_reply(200, to_json(*status, options_.media_url)) : no_such_stream(name);
}

ControlReply ControlApi::remove_stream(const ControlRequest& /*request*/, const std::string& name, base::UtcTime /*now*/) {
  if (!streams_.remove(name)) return no_such_stream(name);
  return {.status = 204, .content_type = ""};
}

ControlReply ControlApi::list_refused(const ControlRequest& /*request*/, const std::string& /*name*/, base::UtcTime /*now*/) {
  Json page = {{"refused", Json::array()}};
  for (const RefusedPublisher& each : streams_.refused_publishers()) page["refused"].push_back(to_json(each));
  return json_reply(200, page);
}

ControlReply ControlApi::put_on_air(const ControlRequest& request, const std::string& name, base::UtcTime /*now*/) {
  const auto body = base::parse_json(request.body);
  if (!body.has_value()) return malformed_body(body.error().message);
  std::vector<Problem> problems;
  JsonObject json{*body, "", problems};
  const auto source = json.required<std::string>("source");
  if (json.has("source") && source != to_text(Feed::kPrimary) && source != to_text(Feed::kBackup))
    json.problem("source", fmt::format("is \"{}\"; write \"primary\" or \"backup\"", source));
  const auto pinned = json.optional<bool>("pinned", false);
  json.finish();
  if (!problems.empty()) return field_problems(problems);
  if (!streams_.find(name)) return no_such_stream(name);
  const Feed feed = source == to_text(Feed::kBackup) ? Feed::kBackup : Feed::kPrimary;
  if (const auto done = streams_.put_on_air(name, feed, pinned); done.has_error())
    return problem_reply(422, "source", done.error().message);
  return {.status = 202, .content_type = ""};
}

ControlReply ControlApi::unpin(const ControlRequest& /*request*/, const std::string& name, base::UtcTime /*now*/) {
  if (!streams_.find(name)) return no_such_stream(name);
  if (const auto done = streams_.unpin(name); done.has_error()) return problem_reply(422, "source", done.error().message);
  return {.status = 204, .content_type = ""};
}

ControlReply ControlApi::issue(const ControlRequest& request, const std::string& /*name*/, base::UtcTime now) {
  const auto body = base::parse_json(request.body);
  if (!body.has_value()) return malformed_body(body.error().message);
  std::vector<Problem> problems;
  TokenRequest wanted = read_token_request(JsonObject{*body, "", problems}, streams_);
  if (!problems.empty()) return field_problems(problems);
  if (const Account* account = account_of(request, now)) {  // a session narrows what its holder may ask for
    if (!may_see(*account, wanted.stream)) return problem_reply(403, "not-entitled", "This account may not see the stream");
    if (wanted.subject != account->user) wanted.subject = account->user + '/' + wanted.subject;
  }
  const Grant grant = tokens_.issue(wanted, now);
  AuditRecord line = record("issue", request, now, 201);
  line.session = grant.session;
  line.subject = wanted.subject;
  line.stream = wanted.stream;
  audit_.write(std::move(line));
  return grant_reply(201, grant);
}

ControlReply ControlApi::refresh(const ControlRequest& request, const std::string& /*name*/, base::UtcTime now) {
  const auto body = base::parse_json(request.body);
  if (!body.has_value()) return malformed_body(body.error().message);
  std::vector<Problem> problems;
  JsonObject json{*body, "", problems};
  const auto token = json.required<std::string>("refresh_token");
  json.finish();
  if (!problems.empty()) return field_problems(problems);
  const auto grant = tokens_.refresh(token, now);
  // 401: log in again; 403: withdrawn on purpose.
  const std::string reason = grant.has_value() ? "" : grant.error().message;
  const int status = grant.has_value() ? 200 : reason == "unknown" || reason == "expired" ? 401 : 403;
  AuditRecord line = record("refresh", request, now, status);
  line.reason = reason;
  if (grant.has_value()) line.session = grant->session;
  audit_.write(std::move(line));
  return grant.has_value() ? grant_reply(200, *grant)
                           : problem_reply(status, reason, "The refresh token is " + reason + "; ask for a new token");
}

ControlReply ControlApi::revoke(const ControlRequest& request, const std::string& /*name*/, base::UtcTime now) {
  return withdraw("revoke", &TokenAuthority::revoke, request, now);
}

ControlReply ControlApi::expire(const ControlRequest& request, const std::string& /*name*/, base::UtcTime now) {
  return withdraw("expire", &TokenAuthority::expire, request, now);
}

ControlReply ControlApi::withdraw(const char* event, Withdrawal withdrawal, const ControlRequest& request, base::UtcTime now) {
  const auto body = base::parse_json(request.body);
  if (!body.has_value()) return malformed_body(body.error().message);
  std::vector<Problem> problems;
  const TokenSelection selection = read_selection(JsonObject{*body, "", problems});
  if (!problems.empty()) return field_problems(problems);
  const std::size_t hit = (tokens_.*withdrawal)(selection, now);
  // A login is not of one stream, group or session: it ends with its account alone.
  const bool of_subject_alone = selection.session.empty() && selection.group.empty() && selection.stream.empty();
  if (withdrawal == &TokenAuthority::revoke && of_subject_alone) accounts_.end_sessions(selection.subject, now);
  audit_.write(record(event, request, now, selection));
  return json_reply(200, {{"sessions", hit}});
}

ControlReply ControlApi::list_cmcd(const ControlRequest& request, const std::string& /*name*/, base::UtcTime /*now*/) {
  const auto limit = read_limit(request.limit);
  if (!limit) return bad_limit();
  const std::vector<CmcdSession> sessions = cmcd_.list(percent_decoded(request.after.value_or("")), *limit + 1);
  Json page = to_json(cmcd_.counts());
  page["sessions"] = Json::array();
  for (std::size_t i = 0; i < std::min(*limit, sessions.size()); ++i) page["sessions"].push_back(to_json(sessions[i]));
  if (sessions.size() > *limit)
    page["next"] = fmt::format("/v1/cmcd/sessions?limit={}&after={}", *limit, percent_encoded(sessions[*limit - 1].session));
  return json_reply(200, page);
}

ControlReply ControlApi::show_cmcd(const ControlRequest& /*request*/, const std::string& name, base::UtcTime /*now*/) {
  const auto session = cmcd_.find(percent_decoded(name));
  return session ? json_reply(200, to_json(*session)) : problem_reply(404, "no-session", "No player reported this session id lately");
}

ControlReply ControlApi::health(const ControlRequest& /*request*/, const std::string& /*name*/, base::UtcTime /*now*/) {
  Json streams = {{"starting", 0}, {"ready", 0}, {"no-feed", 0}, {"failed", 0}};
  for (const StreamStatus& status : streams_.list())
    streams[server::to_text(status.state)] = streams[server::to_text(status.state)].get<int>() + 1;
  return json_reply(200, {{"status", "ok"}, {"streams", streams}});
}

ControlReply ControlApi::version(const ControlRequest& /*request*/, const std::string& /*name*/, base::UtcTime /*now*/) {
  return json_reply(200, {{"name", "rehearse-server"}, {"version", options_.version}});
}

}  // namespace server
