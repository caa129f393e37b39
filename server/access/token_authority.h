// TokenAuthority: issues, renews, checks and withdraws viewers' tokens. Access tokens are JWT (RFC 7519, HS256) with a short life;
// refresh tokens are opaque, rotating and one-time: using one twice withdraws the whole session. Time is an argument. Thread-safe:
// a check costs one hash lookup once a token was seen.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "server/package/streams.h"

namespace server {

struct TokenRequest {
  std::string stream{};
  std::string subject{};
  std::string group{};                       // a label under which many can be expired or revoked at once
  std::optional<base::Duration> lifetime{};  // absent: the configured one
};

struct Grant {
  std::string access_token;
  std::string refresh_token;
  std::string session;  // `sid`, stable over refreshes
  base::Duration expires_in{};
};

// An empty field selects all; at least one must be set. `subject` selects "SUBJECT/…", too.
struct TokenSelection {
  std::string session{}, subject{}, group{}, stream{};
};
// "ann" of "ann/phone" and of "ann": an account's tokens carry its user, and behind a slash what its holder wrote.
inline std::string_view account_of(std::string_view subject) { return subject.substr(0, subject.find('/')); }

struct AccessDecision {
  int status = 200;       // 200 allow; 401 missing, expired, malformed; 403 valid but not for this stream, or revoked
  std::string reason{};   // "", "missing", "expired", "malformed", "bad-signature", "not-yet-valid", "revoked", "other-stream"
  std::string session{};  // known when the token could be read
  std::string subject{};
  base::Duration remaining{};  // until the token expires, when it was accepted
};

class TokenAuthority {
 public:
  struct Options {
    std::string secret;  // HS256 key, at least 32 bytes
    base::Duration lifetime = std::chrono::seconds{60};
    base::Duration refresh_lifetime = std::chrono::hours{12};
    base::Duration leeway = std::chrono::seconds{0};
    std::size_t most_sessions = 1'000'000;  // refresh families kept; the oldest go first
  };
  explicit TokenAuthority(Options options);
  ~TokenAuthority();

  Grant issue(const TokenRequest& request, base::UtcTime now);
  // An error names the reason: "unknown", "expired", "reused" (the session is then revoked), "revoked".
  base::Result<Grant> refresh(std::string_view refresh_token, base::UtcTime now);
  // Revoked: 403 from now on, and no refresh. Returns how many sessions were hit.
  std::size_t revoke(const TokenSelection& selection, base::UtcTime now);
  // Every access token issued so far becomes invalid (401 expired); a refresh brings a valid one. Returns how many sessions were hit.
  std::size_t expire(const TokenSelection& selection, base::UtcTime now);
  AccessDecision check(std::optional<std::string_view> token, std::string_view stream, AccessPolicy policy, base::UtcTime now);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace server
