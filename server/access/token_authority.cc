#include "server/access/token_authority.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

#include "base/ensure.h"
#include "server/access/base64url.h"
#include "server/access/cut_table.h"
#include "server/access/refresh_token.h"
#include "server/access/session_store.h"
#include "server/access/verdict_cache.h"

namespace server {
namespace {

constexpr std::size_t kShortestSecret = 32;
constexpr std::size_t kSessionIdBytes = 16;
constexpr std::size_t kMostVerdicts = 200'000;
constexpr base::Duration kLongestLifetime = std::chrono::hours{24};  // what control lets a caller ask for
// A token is good at once even when the clock is stepped back a little after its issue.
constexpr base::Duration kBackdating = std::chrono::seconds{2};

AccessDecision refusal(int status, const char* reason) { return {.status = status, .reason = reason}; }

}  // namespace

class TokenAuthority::Impl {
 public:
  explicit Impl(Options options)
      : options_{std::move(options)},
        refresh_key_{hmac_sha256(options_.secret, "rehearsal refresh token")},
        cuts_{std::max({options_.lifetime, options_.refresh_lifetime, kLongestLifetime}) + options_.leeway},
        sessions_{options_.most_sessions},
        verdicts_{kMostVerdicts} {
    ENSURE(options_.secret.size() >= kShortestSecret);
  }

  Grant issue(const TokenRequest& request, base::UtcTime now) {
    const std::lock_guard lock{mutex_};
    Session& session = sessions_.add({.id = to_base64url(random_bytes(kSessionIdBytes)),
                                      .subject = request.subject,
                                      .group = request.group,
                                      .stream = request.stream,
                                      .lifetime = request.lifetime.value_or(options_.lifetime),
                                      .expires = now + options_.refresh_lifetime},
                                     now);
    return grant(session, now);
  }

  base::Result<Grant> refresh(std::string_view text, base::UtcTime now) {
    const auto token = read_refresh_token(text, refresh_key_);
    if (!token) return base::error("unknown");
    if (token->expires <= now) return base::error("expired");
    const std::lock_guard lock{mutex_};
    Session* session = sessions_.find(token->session);
    if (session == nullptr) return base::error("unknown");
    if (session->revoked) return base::error("revoked");
    if (session->generation != token->generation) {
      revoke_reused(*session, now);
      return base::error("reused");
    }
    ++session->generation;
    session->expires = now + options_.refresh_lifetime;
    sessions_.touch(*session);
    return grant(*session, now);
  }

  std::size_t revoke(const TokenSelection& selection, base::UtcTime now) {
    const std::lock_guard lock{mutex_};
    cut(selection, Cut::kRevoked, now);
    return sessions_.revoke(selection, now);
  }

  std::size_t expire(const TokenSelection& selection, base::UtcTime now) {
    const std::lock_guard lock{mutex_};
    cut(selection, Cut::kExpired, now);
    return sessions_.count(selection, now);
  }

  AccessDecision check(std::string_view token, std::string_view stream, base::UtcTime now) {
    if (token.size() > kLongestToken) return refusal(401, "malformed");
    const Digest digest = sha256(token);
    AccessDecision decision;
    const auto use = [&](VerdictCache::Seen& seen) { decision = judge(seen, stream, now); };
    if (verdicts_.with(digest, use)) return decision;
    auto claims = read_token(token, options_.secret);
    if (!claims.has_value()) return refusal(401, claims.error().message == "malformed" ? "malformed" : "bad-signature");
    VerdictCache::Seen fresh{.claims = *claims};
    decision = judge(fresh, stream, now);
    verdicts_.add(digest, std::move(*claims), now);
    return decision;
  }

 private:
  AccessDecision judge(VerdictCache::Seen& seen, std::string_view stream, base::UtcTime now) {
    // The version is read before the table: a cut made in between is seen again by the next check.
    if (const std::uint64_t version = cuts_.version(); seen.cuts_version != version) {
      seen.cut = cuts_.find(seen.claims);
      seen.cuts_version = version;
    }
    const Claims& claims = seen.claims;
    AccessDecision decision{.session = claims.session, .subject = claims.subject, .remaining = claims.expires - now};
    const auto refuse = [&](int status, const char* reason) { return decision.status = status, decision.reason = reason, decision; };
    if (seen.cut == Cut::kRevoked) return refuse(403, "revoked");
    if (seen.cut == Cut::kExpired || claims.expires + options_.leeway <= now) return refuse(401, "expired");
    if (claims.not_before - options_.leeway > now) return refuse(401, "not-yet-valid");
    if (claims.stream != stream) return refuse(403, "other-stream");
    return decision;
  }

  Grant grant(const Session& session, base::UtcTime now) {
    const base::UtcTime issued = std::chrono::floor<std::chrono::milliseconds>(now);
    last_epoch_ = std::max(last_epoch_, epoch_of(now));
    const Claims claims{.subject = session.subject,
                        .stream = session.stream,
                        .session = session.id,
                        .group = session.group,
                        .issued = issued,
                        .not_before = issued - kBackdating,
                        .expires = now + session.lifetime,
                        .epoch = last_epoch_};
    return {.access_token = write_token(claims, options_.secret),
            .refresh_token = write_refresh_token({session.id, session.generation, session.expires}, refresh_key_),
            .session = session.id,
            .expires_in = session.lifetime};
  }

  void revoke_reused(Session& session, base::UtcTime now) {
    session.revoked = true;
    cut({.session = session.id}, Cut::kRevoked, now);
  }

  // Epochs follow the wall clock so that they go on rising over a restart with the same secret.
  void cut(const TokenSelection& selection, Cut kind, base::UtcTime now) {
    last_epoch_ = std::max(last_epoch_ + 1, epoch_of(now));
    cuts_.add(selection, kind, last_epoch_, now);
  }

  const Options options_;
  const std::string refresh_key_;
  CutTable cuts_;
  std::mutex mutex_;  // sessions_ and last_epoch_; never taken by check()
  SessionStore sessions_;
  std::int64_t last_epoch_ = 0;
  VerdictCache verdicts_;
};

TokenAuthority::TokenAuthority(Options options) : impl_{std::make_unique<Impl>(std::move(options))} {}
TokenAuthority::~TokenAuthority() = default;
Grant TokenAuthority::issue(const TokenRequest& request, base::UtcTime now) { return impl_->issue(request, now); }
base::Result<Grant> TokenAuthority::refresh(std::string_view refresh_token, base::UtcTime now) {
  return impl_->refresh(refresh_token, now);
}
std::size_t TokenAuthority::revoke(const TokenSelection& selection, base::UtcTime now) { return impl_->revoke(selection, now); }
std::size_t TokenAuthority::expire(const TokenSelection& selection, base::UtcTime now) { return impl_->expire(selection, now); }

AccessDecision TokenAuthority::check(std::optional<std::string_view> token, std::string_view stream, AccessPolicy policy,
                                     base::UtcTime now) {
  if (token) return impl_->check(*token, stream, now);
  return policy == AccessPolicy::kOpen ? AccessDecision{} : refusal(401, "missing");
}

}  // namespace server
