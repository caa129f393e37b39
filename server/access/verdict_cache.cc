#include "server/access/verdict_cache.h"

#include <utility>

namespace server {

void VerdictCache::add(const Digest& token, Claims claims, base::UtcTime now) {
  Shard& shard = shard_of(token);
  const std::lock_guard lock{shard.mutex};
  if (shard.seen.size() >= most_per_shard_) std::erase_if(shard.seen, [&](const auto& item) { return item.second.claims.expires <= now; });
  if (shard.seen.size() >= most_per_shard_) shard.seen.clear();
  shard.seen.try_emplace(token, Seen{.claims = std::move(claims)});
}

std::size_t VerdictCache::size() {
  std::size_t total = 0;
  for (Shard& shard : shards_) {
    const std::lock_guard lock{shard.mutex};
    total += shard.seen.size();
  }
  return total;
}

}  // namespace server
