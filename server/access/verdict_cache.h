// VerdictCache: the claims of tokens whose signature was found good, by the token's SHA-256, so that a signature is checked
// once per token. Thread-safe (sharded); bounded. Bad tokens are not kept: nobody can fill it with junk.
#pragma once

#include <array>
#include <cstring>
#include <mutex>
#include <unordered_map>

#include "server/access/cut_table.h"
#include "server/access/hmac.h"

namespace server {

class VerdictCache {
 public:
  static constexpr std::size_t kShards = 16;
  explicit VerdictCache(std::size_t most) : most_per_shard_{most / kShards + 1} {}

  struct Seen {
    Claims claims;
    std::uint64_t cuts_version = 0;  // of the table when `cut` was looked up
    Cut cut = Cut::kNone;
  };
  // Calls use(Seen&) under the shard's lock when the token is known. Returns: whether it is.
  template <class Use>
  bool with(const Digest& token, Use use) {
    Shard& shard = shard_of(token);
    const std::lock_guard lock{shard.mutex};
    const auto at = shard.seen.find(token);
    if (at == shard.seen.end()) return false;
    use(at->second);
    return true;
  }
  // A full shard first loses what has expired, then everything.
  void add(const Digest& token, Claims claims, base::UtcTime now);
  std::size_t size();

 private:
  struct Hash {
    std::size_t operator()(const Digest& digest) const {
      std::size_t hash;
      std::memcpy(&hash, digest.data(), sizeof hash);
      return hash;
    }
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<Digest, Seen, Hash> seen;
  };
  Shard& shard_of(const Digest& token) { return shards_[token.back() % kShards]; }
  const std::size_t most_per_shard_;
  std::array<Shard, kShards> shards_;
};

}  // namespace server
