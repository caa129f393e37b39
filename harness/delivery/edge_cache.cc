#include "harness/delivery/edge_cache.h"

#include <algorithm>
#include <utility>

namespace harness {

base::ByteCount size_of(const ModelReply& reply) {
  return std::max(reply.bytes, base::ByteCount::bytes(static_cast<std::int64_t>(reply.body.size())));
}

EdgeCache::Finding EdgeCache::look(base::Instant now, ObjectId id) {
  const std::uint32_t slot = find(id);
  if (slot == kNone) return {};
  Entry& entry = entries_[slot];
  touch(slot);
  if (entry.coming.reply && entry.coming.arrives <= now) {
    take_in(entry);
    if (!entry.here) return erase(slot), Finding{};
  }
  const base::Duration age = now - entry.born;
  if (entry.here && now < entry.fresh_until) return {Found::kFresh, entry.here, {}, age};
  const bool may_be_stale = entry.here && now < entry.fresh_until + rules_.stale_while_revalidate;
  if (entry.coming.reply) {
    if (may_be_stale) return {Found::kStale, entry.here, {}, age};
    if (rules_.coalesce) return {Found::kUnderWay, entry.coming.reply, entry.coming.arrives - now, entry.coming.age};
  }
  if (!entry.here) return {};
  return {may_be_stale ? Found::kRevalidate : Found::kExpired, entry.here, {}, age};
}

void EdgeCache::take_in(Entry& entry) {
  Fetched what = std::exchange(entry.coming, {});
  if (what.storable) {
    entry.here = std::move(what.reply);
    entry.fresh_until = what.arrives + what.fresh_for;
    entry.born = what.arrives - what.age;
  }
  account(entry);
}

void EdgeCache::fetched(base::Instant now, ObjectId id, Fetched what) {
  std::uint32_t slot = find(id);
  // Without coalescing several may be under way; the first to arrive serves.
  if (slot != kNone && entries_[slot].coming.reply && entries_[slot].coming.arrives > now && entries_[slot].coming.arrives <= what.arrives)
    return;
  what.storable = what.storable && size_of(*what.reply) <= rules_.capacity;
  if (slot == kNone) slot = insert(id);
  Entry& entry = entries_[slot];
  entry.coming = std::move(what);
  account(entry);
  touch(slot);
  make_room(slot);
}

bool EdgeCache::may_serve_on_error(base::Instant now, ObjectId id) const {
  const std::uint32_t slot = find(id);
  return slot != kNone && entries_[slot].here && now < entries_[slot].fresh_until + rules_.stale_if_error;
}

std::uint32_t EdgeCache::insert(ObjectId id) {
  std::uint32_t slot = static_cast<std::uint32_t>(entries_.size());
  if (free_.empty()) {
    entries_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  entries_[slot] = Entry{};
  entries_[slot].id = id;
  if (index_of(id) >= slot_of_.size()) slot_of_.resize(index_of(id) + 1, kNone);
  slot_of_[index_of(id)] = slot;
  link_newest(slot);
  return slot;
}

void EdgeCache::erase(std::uint32_t slot) {
  unlink(slot);
  held_ -= entries_[slot].size;
  slot_of_[index_of(entries_[slot].id)] = kNone;
  entries_[slot] = Entry{};
  free_.push_back(slot);
}

void EdgeCache::unlink(std::uint32_t slot) {
  const Entry& entry = entries_[slot];
  (entry.newer == kNone ? newest_ : entries_[entry.newer].older) = entry.older;
  (entry.older == kNone ? oldest_ : entries_[entry.older].newer) = entry.newer;
}

void EdgeCache::link_newest(std::uint32_t slot) {
  Entry& entry = entries_[slot];
  entry.newer = kNone;
  entry.older = newest_;
  (newest_ == kNone ? oldest_ : entries_[newest_].newer) = slot;
  newest_ = slot;
}

void EdgeCache::touch(std::uint32_t slot) {
  if (slot == newest_) return;
  unlink(slot);
  link_newest(slot);
}

// While an object is replaced, the larger of the two counts: most bodies are the same ones. What is only passed on takes up nothing.
void EdgeCache::account(Entry& entry) {
  held_ -= entry.size;
  const auto size = [](const SharedReply& reply) { return reply ? size_of(*reply) : base::ByteCount{}; };
  entry.size = std::max(size(entry.here), entry.coming.storable ? size(entry.coming.reply) : base::ByteCount{});
  held_ += entry.size;
}

void EdgeCache::make_room(std::uint32_t kept) {
  while (held_ > rules_.capacity && oldest_ != kept) {
    erase(oldest_);
    ++evictions_;
  }
}

}  // namespace harness
