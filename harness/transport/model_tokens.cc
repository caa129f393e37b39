#include "harness/transport/model_tokens.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "base/json_reader.h"

namespace harness {
namespace {

std::string text_field(const base::Json& json, const char* name) {
  const auto found = json.is_object() ? json.find(name) : json.end();
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

// "a.1.2.3" -> {1, 2, 3} for the kind 'a'.
template <std::size_t N>
std::optional<std::array<std::uint64_t, N>> numbers_of(std::string_view token, char kind) {
  if (token.empty() || token.front() != kind) return std::nullopt;
  std::array<std::uint64_t, N> numbers{};
  const char* at = token.data() + 1;
  const char* const end = token.data() + token.size();
  for (std::uint64_t& number : numbers) {
    if (at == end || *at != '.') return std::nullopt;
    const auto [next, error] = std::from_chars(at + 1, end, number);
    if (error != std::errc{}) return std::nullopt;
    at = next;
  }
  return at == end ? std::optional{numbers} : std::nullopt;
}

}  // namespace

ModelReply ModelTokens::grant(base::Instant now, std::uint64_t session) {
  const std::uint64_t serial = ++last_serial_;
  sessions_[session].refresh_serial = serial;
  const base::Json body{{"access_token", fmt::format("a.{}.{}.{}", session, serial, now.time_since_epoch().count())},
                        {"refresh_token", fmt::format("r.{}.{}", session, serial)},
                        {"expires_in", base::to_seconds(lifetime_)}};
  return {.status = 200, .body = body.dump()};
}

ModelReply ModelTokens::issue(base::Instant now, std::string_view body, const std::function<bool(std::string_view)>& has) {
  const base::Result<base::Json> json = base::parse_json(body);
  if (!json) return refusal(400);
  if (!has(text_field(*json, "stream"))) return refusal(404);
  sessions_.push_back({.group = text_field(*json, "group")});
  return grant(now, sessions_.size() - 1);
}

ModelReply ModelTokens::refresh(base::Instant now, std::string_view body) {
  const base::Result<base::Json> json = base::parse_json(body);
  if (!json) return refusal(400);
  const auto numbers = numbers_of<2>(text_field(*json, "refresh_token"), 'r');
  if (!numbers || (*numbers)[0] >= sessions_.size()) return refusal(401);
  const auto [session, serial] = *numbers;
  if (sessions_[session].refresh_serial != serial) sessions_[session].withdrawn = true;  // used twice: somebody else has it
  return sessions_[session].withdrawn ? refusal(401) : grant(now, session);
}

void ModelTokens::expire_group(const std::string& group) { expired_up_to_[group] = last_serial_; }

int ModelTokens::check(base::Instant now, std::string_view token) const {
  const auto numbers = numbers_of<3>(token, 'a');
  if (!numbers || (*numbers)[0] >= sessions_.size()) return 401;
  const auto [session, serial, issued] = *numbers;
  if (sessions_[session].withdrawn) return 403;
  const base::Instant expires = base::Instant{base::Duration{static_cast<std::int64_t>(issued)}} + lifetime_;
  const auto expired = expired_up_to_.find(sessions_[session].group);
  const bool cut = expired != expired_up_to_.end() && serial <= expired->second;
  return cut || now >= expires ? 401 : 200;
}

}  // namespace harness
