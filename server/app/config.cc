#include "server/app/config.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/read_file.h"
#include "server/control/request_parts.h"
#include "server/control/stream_json.h"

namespace server {
namespace {

using base::JsonObject;
using namespace std::chrono_literals;

constexpr std::size_t kShortestSecret = 32;
constexpr std::int64_t kMostThreads = 64;
constexpr std::size_t kMostScrapers = 256;
constexpr int kRtmpPort = 1935;  // IANA's
constexpr int kHttpPort = 8891;  // of contributions; ours

bool is_address(const std::string& host) {
  in6_addr into{};
  return ::inet_pton(AF_INET, host.c_str(), &into) == 1 || ::inet_pton(AF_INET6, host.c_str(), &into) == 1;
}

Address read_listen(JsonObject& json, const Address& fallback) {
  const auto text = json.optional<std::string>("listen");
  if (!text) return fallback;
  const auto address = parse_address(*text);
  if (address.has_value()) return *address;
  json.problem("listen", address.error().message);
  return fallback;
}

int read_threads(JsonObject& json, int fallback) {
  const auto threads = json.optional<std::int64_t>("threads", fallback);
  if (threads < 1 || threads > kMostThreads)
    json.problem("threads", fmt::format("is {}; write a number from 1 to {}", threads, kMostThreads));
  return static_cast<int>(std::clamp<std::int64_t>(threads, 1, kMostThreads));
}

base::Duration read_timeout(JsonObject& json, const char* name, base::Duration fallback) {
  const auto timeout = json.optional<base::Duration>(name, fallback);
  if (timeout < 100ms || timeout > 1h) json.problem(name, "must be from 100ms to 1h");
  return timeout;
}

// An origin as browsers write it.
bool is_origin(std::string_view text) {
  const std::size_t scheme = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
  const std::string_view host = text.substr(scheme);
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
  };
  return scheme > 0 && !host.empty() && host.size() <= 255 && std::all_of(host.begin(), host.end(), is_plain);
}

void read_media(JsonObject& root, Config& config) {
  HttpServer::Options& media = config.media;
  auto json = root.object("media");
  if (!json) return;
  const Address address = read_listen(*json, {media.host, media.port});
  media.host = address.host;
  media.port = address.port;
  config.public_url = json->optional<std::string>("public_url", "");
  if (json->has("public_url") && !is_origin(config.public_url))
    json->problem("public_url", fmt::format("is \"{}\"; write an origin such as https://live.example, in small letters, without a path",
                                            config.public_url));
  media.threads = read_threads(*json, media.threads);
  const auto most = json->optional<std::int64_t>("connections", static_cast<std::int64_t>(media.most_connections));
  if (most < 1 || most > 1'000'000) json->problem("connections", "must be from 1 to 1000000");
  media.most_connections = static_cast<std::size_t>(std::max<std::int64_t>(most, 1));
  media.idle_timeout = read_timeout(*json, "idle_timeout", media.idle_timeout);
  media.header_timeout = read_timeout(*json, "header_timeout", media.header_timeout);
  media.write_timeout = read_timeout(*json, "write_timeout", media.write_timeout);
  json->finish();
}

void read_control(JsonObject& root, Config& config) {
  auto json = root.object("control");
  if (!json) return;
  const Address address = read_listen(*json, {config.control.host, config.control.port});
  config.control.host = address.host;
  config.control.port = address.port;
  config.control.threads = read_threads(*json, config.control.threads);
  config.api_key = json->optional<std::string>("api_key", "");
  if (json->has("api_key") && config.api_key.size() < 8) json->problem("api_key", "is shorter than 8 characters");
  config.open_tokens = json->optional<bool>("open_tokens", false);
  json->finish();
}

std::string read_secret_file(JsonObject& json, const std::string& file) {
  base::Result<std::string> text = base::read_file(file);
  if (!text.has_value()) {
    json.problem("secret_file", fmt::format("\"{}\" {}", file, text.error().message));
    return {};
  }
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
  return std::move(*text);
}

Account read_account(JsonObject& json, const std::vector<Account>& before) {
  Account account{.user = json.required<std::string>("user"), .password = json.required<std::string>("password"), .streams = {"*"}};
  if (json.has("user") && (account.user.empty() || account.user.size() > kLongestLabel))
    json.problem("user", fmt::format("must be of 1 to {} bytes", kLongestLabel));
  if (json.has("password") && (account.password.empty() || account.password.size() > kLongestLabel))
    json.problem("password", fmt::format("must be of 1 to {} bytes", kLongestLabel));
  if (account.user.find('/') != std::string::npos)
    json.problem("user", "must hold no slash: what an account asks tokens for stands behind one");
  if (std::any_of(before.begin(), before.end(), [&](const Account& each) { return each.user == account.user; }))
    json.problem("user", fmt::format("\"{}\" is there twice", account.user));
  if (json.has("streams")) account.streams = json.texts("streams");
  json.finish();
  return account;
}

void read_embed(JsonObject& root, EmbedOrigins& origins) {
  auto json = root.object("embed");
  if (!json) return;
  origins = json->texts("origins");
  for (std::size_t i = 0; i < origins.size(); ++i)
    if (origins[i] != "*" && !is_origin(origins[i]))
      json->problem(fmt::format("origins[{}]", i),
                    fmt::format("is \"{}\"; write an origin such as https://news.example, in small letters, or *", origins[i]));
  json->finish();
}

void read_access(JsonObject& root, Config& config) {
  TokenAuthority::Options& access = config.access;
  auto json = root.object("access");
  if (!json) return;
  const auto secret = json->optional<std::string>("secret"), file = json->optional<std::string>("secret_file");
  if (secret && file) json->problem("secret_file", "stands beside \"secret\"; write one of the two");
  const std::size_t before = json->problems().size();
  if (file)
    access.secret = read_secret_file(*json, *file);
  else if (secret)
    access.secret = *secret;
  if ((secret || file) && json->problems().size() == before && access.secret.size() < kShortestSecret)
    json->problem(file ? "secret_file" : "secret",
                  fmt::format("holds {} bytes; at least {} are needed: openssl rand -hex 32", access.secret.size(), kShortestSecret));
  access.lifetime = json->optional<base::Duration>("token_lifetime", access.lifetime);
  if (access.lifetime < 1s || access.lifetime > 24h) json->problem("token_lifetime", "must be from 1s to 24h");
  access.refresh_lifetime = json->optional<base::Duration>("refresh_lifetime", access.refresh_lifetime);
  if (access.refresh_lifetime < access.lifetime || access.refresh_lifetime > 30 * 24h)
    json->problem("refresh_lifetime", "must be from token_lifetime to 720h");
  for (JsonObject& account : json->objects("accounts")) config.accounts.push_back(read_account(account, config.accounts));
  json->finish();
}

void read_streams(JsonObject& root, std::vector<StreamSpec>& streams) {
  for (JsonObject& json : root.objects("streams")) {
    StreamSpec spec = read_stream_spec(json);
    if (std::any_of(streams.begin(), streams.end(), [&](const StreamSpec& s) { return s.name == spec.name; }))
      json.problem("name", fmt::format("\"{}\" is there twice", spec.name));
    streams.push_back(std::move(spec));
  }
}

}  // namespace

base::Result<Address> parse_address(std::string_view text) {
  const auto expected = [&] {
    return base::error(fmt::format("is \"{}\"; write ADDRESS:PORT with a numeric address, such as 127.0.0.1:8080", text));
  };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return expected();
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return expected();
  unsigned port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size() || port > 65535) return expected();
  if (host.empty()) host = "0.0.0.0";
  if (host == "localhost") host = "127.0.0.1";
  if (!is_address(std::string{host})) return expected();
  return Address{.host = std::string{host}, .port = static_cast<int>(port)};
}

Config read_config(const base::Json& json, const std::string& file) {
  std::vector<base::Problem> problems;
  JsonObject root{json, "", problems};
  Config config;
  config.media.port = 8080;
  config.control.port = 8081;
  config.metrics.port = 8082;
  config.metrics.most_connections = kMostScrapers;
  config.srt.port = 8890;
  root.take("$schema");
  read_media(root, config);
  read_control(root, config);
  if (auto metrics = root.object("metrics")) {
    const Address address = read_listen(*metrics, {config.metrics.host, config.metrics.port});
    config.metrics.host = address.host;
    config.metrics.port = address.port;
    metrics->finish();
  }
  if (auto srt = root.object("srt")) {
    config.srt = read_listen(*srt, config.srt);
    srt->finish();
  }
  if (auto rtmp = root.object("rtmp")) {
    config.rtmp = read_listen(*rtmp, {.port = kRtmpPort});
    rtmp->finish();
  }
  if (auto http = root.object("http")) {
    config.http = read_listen(*http, {.port = kHttpPort});
    http->finish();
  }
  read_access(root, config);
  read_embed(root, config.embed_origins);
  config.audit_log = root.optional<std::string>("audit_log", "");
  read_streams(root, config.streams);
  root.finish();
  base::throw_if_any(file, problems);
  return config;
}

Config load_config(const std::string& file) { return read_config(base::read_json_file(file), file); }

}  // namespace server
