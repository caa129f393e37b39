#include "server/access/accounts.h"

#include <algorithm>

#include "server/access/base64url.h"
#include "server/access/hmac.h"
#include "server/access/jwt.h"

namespace server {

Accounts::Accounts(std::vector<Account> accounts, std::string_view secret)
    : accounts_{std::move(accounts)}, ended_(accounts_.size()), key_{hmac_sha256(secret, "rehearsal login session")} {}

const Account* Accounts::find(std::string_view user) const {
  const auto found = std::find_if(accounts_.begin(), accounts_.end(), [user](const Account& each) { return each.user == user; });
  return found == accounts_.end() ? nullptr : &*found;
}

std::optional<std::string> Accounts::sign_in(std::string_view user, std::string_view password, base::UtcTime now) const {
  const Account* account = find(user);
  const std::string_view right = account != nullptr ? std::string_view{account->password} : std::string_view{"nobody's"};
  // Digests: their comparison says nothing about the lengths.
  const Digest given = sha256(password), known = sha256(right);
  const auto text = [](const Digest& digest) { return std::string_view{reinterpret_cast<const char*>(digest.data()), digest.size()}; };
  if (!equal_in_constant_time(text(given), text(known)) || account == nullptr) return std::nullopt;
  return write_token({.subject = account->user,
                      .session = to_base64url(random_bytes(16)),
                      .issued = now,
                      .not_before = now,
                      .expires = now + kSessionLifetime,
                      .epoch = epoch_of(now)},
                     key_);
}

const Account* Accounts::owner_of(std::string_view session, base::UtcTime now) const {
  if (accounts_.empty()) return nullptr;
  const auto claims = read_token(session, key_);
  const Account* account = claims.has_value() && now < claims->expires ? find(claims->subject) : nullptr;
  return account != nullptr && claims->epoch >= ended_[place_of(*account)] ? account : nullptr;
}

void Accounts::end_sessions(std::string_view user, base::UtcTime now) {
  if (const Account* account = find(user)) ended_[place_of(*account)] = epoch_of(now);
}

bool may_see(const Account& account, std::string_view stream) {
  return std::any_of(account.streams.begin(), account.streams.end(),
                     [stream](const std::string& name) { return name == "*" || name == stream; });
}

}  // namespace server
