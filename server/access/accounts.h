// Accounts: who may sign in, and which streams each may ask tokens for: the part of a login service, in the smallest form that a viewer's
// path can be rehearsed against. Passwords are plain in the configuration, as the access secret beside them is; no attempt is counted.
// A session is a signed text (the JWT of jwt.h under a key of its own, so it is never an access token); all that is kept is when an
// account's sessions were ended. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace server {

struct Account {
  std::string user{}, password{};
  std::vector<std::string> streams{};  // names; "*": all
};

class Accounts {
 public:
  static constexpr base::Duration kSessionLifetime = std::chrono::hours{12};

  Accounts() = default;  // nobody may sign in
  // `secret`: that of the access tokens.
  Accounts(std::vector<Account> accounts, std::string_view secret);

  bool empty() const { return accounts_.empty(); }
  // A session; nothing: there is no such user, or the password is another.
  std::optional<std::string> sign_in(std::string_view user, std::string_view password, base::UtcTime now) const;
  // Whose session it is; null: not one of ours, expired or ended.
  const Account* owner_of(std::string_view session, base::UtcTime now) const;
  // Of this user, all that were begun so far.
  void end_sessions(std::string_view user, base::UtcTime now);

 private:
  const Account* find(std::string_view user) const;
  std::size_t place_of(const Account& account) const { return static_cast<std::size_t>(&account - accounts_.data()); }
  std::vector<Account> accounts_;
  std::vector<std::atomic<std::int64_t>> ended_;  // for each account: sessions begun before are no more, microseconds of UTC
  std::string key_;
};

bool may_see(const Account& account, std::string_view stream);

}  // namespace server
