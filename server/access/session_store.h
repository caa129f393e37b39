// SessionStore: what must be remembered of each viewer's session so that its refresh tokens work once only. The least recently
// refreshed go first when the store is full. Not thread-safe: TokenAuthority holds the lock.
#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "server/access/token_authority.h"

namespace server {

struct Session {
  std::string id{};
  std::string subject{}, group{}, stream{};
  base::Duration lifetime{};     // of its access tokens
  std::uint32_t generation = 0;  // of the one refresh token that is good
  base::UtcTime expires;         // when that refresh token does
  bool revoked = false;
};

class SessionStore {
 public:
  explicit SessionStore(std::size_t most) : most_{most} {}

  Session& add(Session session, base::UtcTime now);
  // Null: unknown or dropped. The pointer is good until the next add().
  Session* find(std::string_view id);
  // Moves it to the young end.
  void touch(const Session& session);
  // Sessions of the selection that are neither revoked nor expired; optionally revokes them.
  std::size_t count(const TokenSelection& selection, base::UtcTime now) const;
  std::size_t revoke(const TokenSelection& selection, base::UtcTime now);
  std::size_t size() const { return by_age_.size(); }

 private:
  using Position = std::list<Session>::iterator;
  void drop_oldest();
  std::size_t most_;
  std::list<Session> by_age_;                             // least recently refreshed first
  std::unordered_map<std::string_view, Position> by_id_;  // views into by_age_
};

}  // namespace server
