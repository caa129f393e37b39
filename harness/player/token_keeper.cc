#include "harness/player/token_keeper.h"

#include <algorithm>

#include "base/ensure.h"
#include "harness/player/api_text.h"

namespace harness {
namespace {

constexpr double kRenewAt = 0.8;  // of the lifetime
constexpr double kLongestLifetime = 365 * 86400.0;

double seconds_of(const base::Json& body, const char* field) {
  const auto found = body.find(field);
  return found != body.end() && found->is_number() ? std::clamp(found->get<double>(), 0.0, kLongestLifetime) : 0.0;
}

}  // namespace

TokenKeeper::TokenKeeper(bool configured) {
  if (configured) state_ = State{};
}

std::optional<base::Instant> TokenKeeper::due() const { return state_ ? state_->due : std::nullopt; }

Fetch TokenKeeper::request(const TokenSource& source) const {
  ENSURE(due());
  Fetch fetch;
  fetch.method = "POST";
  fetch.headers = {{"Content-Type", "application/json"}};
  fetch.keep_body = true;
  if (state_->ask == Ask::kRefresh) {
    fetch.kind = RequestKind::kTokenRefresh;
    fetch.url = source.refresh_url;
    fetch.body = dumped({{"refresh_token", state_->tokens->refresh}});
  } else {
    fetch.kind = RequestKind::kToken;
    fetch.url = source.token_url;
    if (!source.session.empty()) fetch.headers.emplace_back("Authorization", "Bearer " + source.session);
    fetch.body = dumped({{"stream", *source.stream}, {"subject", source.subject}, {"group", *source.group}});
  }
  return fetch;
}

base::Result<TokenKeeper::Granted> TokenKeeper::granted(base::Instant now, std::string_view body) {
  const base::Result<base::Json> json = base::parse_json(body);
  if (!json.has_value()) return base::error("the token answer is not JSON: " + json.error().message);
  const std::string access = text_of(*json, "access_token");
  if (!is_header_safe(access)) return base::error("the token answer has no usable access_token");
  const Granted result{.first = !state_->tokens, .after_refusal = state_->blocking};
  state_->tokens = Tokens{.access = "Bearer " + access, .refresh = text_of(*json, "refresh_token")};
  const double lifetime = seconds_of(*json, "expires_in");
  state_->due.reset();
  if (lifetime > 0) state_->due = now + base::from_seconds(std::max(lifetime * kRenewAt, 1.0));
  state_->ask = state_->tokens->refresh.empty() ? Ask::kIssue : Ask::kRefresh;
  state_->blocking = false;
  ++state_->generation;
  return result;
}

bool TokenKeeper::renewal_refused() {
  if (state_->ask == Ask::kIssue) return false;
  state_->ask = Ask::kIssue;
  return true;
}

bool TokenKeeper::media_refused(base::Instant now, int status, int times) {
  const int allowed = status == 403 ? 1 : 2;
  if (!state_ || times > allowed) return false;
  if (times > 1) state_->ask = Ask::kIssue;
  state_->due = state_->due ? std::min(*state_->due, now) : now;
  state_->blocking = true;
  return true;
}

}  // namespace harness
