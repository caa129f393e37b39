#include "server/access/cut_table.h"

#include <algorithm>
#include <mutex>

#include "base/ensure.h"

namespace server {
namespace {

constexpr unsigned kMasks = 16;  // four fields

// The fields of a selection or of a token, in the same order.
std::array<const std::string*, 4> fields_of(const auto& from) { return {&from.session, &from.subject, &from.group, &from.stream}; }

unsigned mask_of(const auto& fields) {
  unsigned mask = 0;
  for (unsigned i = 0; i < fields.size(); ++i) mask |= fields[i]->empty() ? 0u : 1u << i;
  return mask;
}

// The chosen fields with their lengths in front, so that no two selections share a key.
std::string key_of(const auto& fields, unsigned mask) {
  std::string key(1, static_cast<char>('a' + mask));
  for (unsigned i = 0; i < fields.size(); ++i)
    if ((mask >> i & 1u) != 0) key += std::to_string(fields[i]->size()) + ':' + *fields[i];
  return key;
}

}  // namespace

void CutTable::add(const TokenSelection& selection, Cut cut, std::int64_t epoch, base::UtcTime now) {
  const Fields fields = fields_of(selection);
  const unsigned mask = mask_of(fields);
  ENSURE(mask != 0);
  const std::unique_lock lock{mutex_};
  if (entries_.size() >= next_sweep_) forget_old(now);
  Entry& entry = entries_[key_of(fields, mask)];
  (cut == Cut::kRevoked ? entry.revoked_below : entry.expired_below) = epoch;
  entry.at = now;
  masks_ |= 1u << mask;
  version_.fetch_add(1, std::memory_order_release);
}

Cut CutTable::find(const Claims& claims) const {
  Fields fields = fields_of(claims);
  const std::shared_lock lock{mutex_};
  const Cut own = find(fields, claims.epoch);
  const std::string account{account_of(claims.subject)};
  if (account == claims.subject) return own;
  fields[1] = &account;
  return std::max(own, find(fields, claims.epoch));
}

Cut CutTable::find(const Fields& fields, std::int64_t epoch) const {
  const unsigned own = mask_of(fields);
  Cut worst = Cut::kNone;
  for (unsigned mask = 1; mask < kMasks; ++mask) {
    if ((masks_ >> mask & 1u) == 0 || (mask & ~own) != 0) continue;
    const auto at = entries_.find(key_of(fields, mask));
    if (at == entries_.end()) continue;
    if (epoch < at->second.revoked_below) return Cut::kRevoked;
    if (epoch < at->second.expired_below) worst = Cut::kExpired;
  }
  return worst;
}

std::size_t CutTable::size() const {
  const std::shared_lock lock{mutex_};
  return entries_.size();
}

void CutTable::forget_old(base::UtcTime now) {
  std::erase_if(entries_, [&](const auto& item) { return item.second.at + horizon_ < now; });
  next_sweep_ = std::max<std::size_t>(1024, entries_.size() * 2);
}

}  // namespace server
