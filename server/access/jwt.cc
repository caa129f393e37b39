#include "server/access/jwt.h"

#include <cmath>
#include <optional>

#include "base/json_reader.h"
#include "server/access/base64url.h"
#include "server/access/hmac.h"

namespace server {
namespace {

using base::Json;

constexpr std::string_view kOurHeader = R"({"alg":"HS256","typ":"JWT"})";
constexpr double kLatestSecond = 9e9;  // year 2255: nanoseconds still fit 64 bits

base::Error malformed() { return base::error("malformed"); }

struct Parts {
  std::string_view header, payload, signature, signed_text;
};

std::optional<Parts> split(std::string_view token) {
  const auto first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1), token.substr(0, second)};
}

std::optional<Json> decoded_object(std::string_view part) {
  const auto text = from_base64url(part);
  if (!text) return std::nullopt;
  auto json = base::parse_json(*text);
  if (!json.has_value() || !json->is_object()) return std::nullopt;
  return std::move(*json);
}

// The algorithm is ours, not the token's choice; unknown critical extensions fail closed (RFC 7515, section 4.1.11).
bool is_acceptable_header(std::string_view part) {
  const auto header = decoded_object(part);
  if (!header || header->contains("crit")) return false;
  const auto alg = header->find("alg");
  return alg != header->end() && *alg == "HS256";
}

// NumericDate: seconds, a fraction allowed; ours carry milliseconds.
Json numeric_date(base::UtcTime time) {
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(time.time_since_epoch()).count();
  if (milliseconds % 1000 == 0) return milliseconds / 1000;
  return static_cast<double>(milliseconds) / 1000;
}

bool read(const Json& payload, const char* name, base::UtcTime& into) {
  const auto field = payload.find(name);
  if (field == payload.end() || !field->is_number()) return false;
  const auto seconds = field->get<double>();
  if (!(seconds >= 0 && seconds <= kLatestSecond)) return false;
  into = base::UtcTime{std::chrono::milliseconds{std::llround(seconds * 1000)}};
  return true;
}

bool read(const Json& payload, const char* name, std::string& into) {
  const auto field = payload.find(name);
  if (field == payload.end() || !field->is_string()) return false;
  into = field->get<std::string>();
  return true;
}

bool read(const Json& payload, const char* name, std::int64_t& into) {
  const auto field = payload.find(name);
  if (field == payload.end()) return false;
  const auto number = base::from_json_value<std::int64_t>(*field);
  if (!number.has_value()) return false;
  into = *number;
  return true;
}

std::optional<Claims> claims_of(const Json& payload) {
  Claims claims;
  std::string issuer;
  const bool complete = read(payload, "iss", issuer) && issuer == kTokenIssuer && read(payload, "sub", claims.subject) &&
                        read(payload, "aud", claims.stream) && read(payload, "sid", claims.session) &&
                        read(payload, "iat", claims.issued) && read(payload, "nbf", claims.not_before) &&
                        read(payload, "exp", claims.expires) && read(payload, "epoch", claims.epoch);
  if (!complete || (payload.contains("grp") && !read(payload, "grp", claims.group))) return std::nullopt;
  return claims;
}

}  // namespace

std::string write_token(const Claims& claims, std::string_view key) {
  Json payload = {{"iss", kTokenIssuer},
                  {"sub", claims.subject},
                  {"aud", claims.stream},
                  {"exp", numeric_date(claims.expires)},
                  {"nbf", numeric_date(claims.not_before)},
                  {"iat", numeric_date(claims.issued)},
                  {"sid", claims.session}};
  if (!claims.group.empty()) payload["grp"] = claims.group;
  payload["epoch"] = claims.epoch;
  const std::string text = payload.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string token = to_base64url(kOurHeader) + '.' + to_base64url(text);
  return token + '.' + to_base64url(hmac_sha256(key, token));
}

base::Result<Claims> read_token(std::string_view token, std::string_view key) {
  if (token.size() > kLongestToken) return malformed();
  const auto parts = split(token);
  if (!parts || !is_acceptable_header(parts->header)) return malformed();
  const auto signature = from_base64url(parts->signature);
  if (!signature) return malformed();
  if (!equal_in_constant_time(*signature, hmac_sha256(key, parts->signed_text))) return base::error("bad-signature");
  const auto payload = decoded_object(parts->payload);
  if (!payload) return malformed();
  auto claims = claims_of(*payload);
  if (!claims) return malformed();
  return std::move(*claims);
}

}  // namespace server
