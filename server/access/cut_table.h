// CutTable: "every token of this selection issued before now is expired / revoked", in O(1) whatever the number of tokens: one
// entry per selection, compared with the epoch that each token carries. Thread-safe; readers skip the look-up while `version` is
// the one they saw. Entries are forgotten once no token that old can be alive.
#pragma once

#include <array>
#include <atomic>
#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "server/access/jwt.h"
#include "server/access/token_authority.h"

namespace server {

enum class Cut { kNone, kExpired, kRevoked };

class CutTable {
 public:
  // `horizon`: the longest a token can live.
  explicit CutTable(base::Duration horizon) : horizon_{horizon} {}

  // Tokens with an epoch below `epoch` are cut. Requires: a field of the selection is set.
  void add(const TokenSelection& selection, Cut cut, std::int64_t epoch, base::UtcTime now);
  Cut find(const Claims& claims) const;
  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }
  std::size_t size() const;

 private:
  using Fields = std::array<const std::string*, 4>;  // session, subject, group, stream
  struct Entry {
    std::int64_t expired_below = 0;
    std::int64_t revoked_below = 0;
    base::UtcTime at;
  };
  Cut find(const Fields& fields, std::int64_t epoch) const;
  void forget_old(base::UtcTime now);
  const base::Duration horizon_;
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
  unsigned masks_ = 0;  // bit m: a selection with the fields of mask m exists
  std::size_t next_sweep_ = 1024;
  std::atomic<std::uint64_t> version_{1};
};

}  // namespace server
