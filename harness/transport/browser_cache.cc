#include "harness/transport/browser_cache.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <limits>
#include <utility>

#include "base/ensure.h"
#include "base/text.h"
#include "base/tight.h"
#include "harness/transport/transfer_names.h"

namespace harness {
namespace {

using namespace base::literals;

// Whose transfers those are that the cache gives ids, so that no transport's are the same.
constexpr base::ViewerId kRecalling{0xFFFF'FFFF}, kPassing{0xFFFF'FFFE};
constexpr std::uint32_t kSlots = 1 << 20;  // of a passing one's key; the rest counts how often its slot was used
constexpr std::uint32_t kForEver = std::numeric_limits<std::uint32_t>::max();
constexpr int kNotModified = 304, kPartial = 206;

bool may_use_cache(const TransportRequest& request) { return request.cache != CacheUse::kNone && request.method == "GET"; }

std::uint64_t cache_key(const TransportRequest& request, const std::string* range) {
  return request.url.hash() ^ (range != nullptr ? std::hash<std::string>{}(*range) * 31 : 0);
}

void write_names(const TransportRequest& request, std::string& names) {
  names.clear();
  for (const auto& [name, value] : request.headers) {
    if (name == "Range") continue;  // part of the key
    std::transform(name.begin(), name.end(), std::back_inserter(names),
                   [](char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); });
    names += ',';
  }
}

// Two requests of a player differ in the header fields that it sends itself, which hold its token and its CMCD.
bool varies_between_requests(const CacheFields& fields, std::string_view sent) {
  if (fields.vary.empty()) return false;
  if (varies_by(fields, "*")) return true;
  for (std::size_t comma = sent.find(','); comma != std::string_view::npos; comma = sent.find(',')) {
    if (varies_by(fields, sent.substr(0, comma))) return true;
    sent.remove_prefix(comma + 1);
  }
  return false;
}

}  // namespace

BrowserCache::BrowserCache(Transport& network, base::Timeline& timeline, base::WallAnchor wall)
    : network_{network}, timeline_{timeline}, wall_{wall}, made_{timeline.now()} {}

BrowserCache::~BrowserCache() {
  for (const Passing& each : passing_)
    if (each.receiver != nullptr) network_.cancel(each.network_id);
}

std::uint32_t BrowserCache::mark(base::Instant when) const {
  const std::int64_t ms = (when - made_) / 1ms;
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(ms, 0, kForEver));
}

bool BrowserCache::is_fresh(const Held& held) const { return held.fresh_until > mark(timeline_.now()); }

const BrowserCache::Profile* BrowserCache::profile_of(base::ViewerId viewer) const {
  const auto found = profiles_.find(viewer);
  return found == profiles_.end() ? nullptr : &found->second;
}

const BrowserCache::Held* BrowserCache::find(const Profile* profile, CacheUse use, std::uint64_t key) {
  if (profile == nullptr) return nullptr;
  const auto& all = use == CacheUse::kSegment ? profile->segments : profile->others;
  const auto found = std::find_if(all.rbegin(), all.rend(), [key](const Held& each) { return each.key == key; });
  return found == all.rend() ? nullptr : &*found;
}

bool BrowserCache::answers(const TransportRequest& request) const {
  if (!may_use_cache(request)) return false;
  const Held* held = find(profile_of(request.viewer), request.cache, cache_key(request, find_header(request, "Range")));
  return held != nullptr && is_fresh(*held);
}

TransferId BrowserCache::start(TransportRequest&& request, TransferReceiver& receiver) {
  if (!may_use_cache(request)) return network_.start(std::move(request), receiver);
  const std::string* range = find_header(request, "Range");
  const std::uint64_t key = cache_key(request, range);
  const Profile* profile = profile_of(request.viewer);
  const Held* held = find(profile, request.cache, key);
  if (held != nullptr && is_fresh(*held)) return recall(request.viewer, request.cache, *held, range != nullptr, receiver);
  Passing& passing = free_slot();
  passing.receiver = &receiver;
  passing.viewer = request.viewer;
  passing.key = key;
  passing.use = request.cache;
  passing.range = range != nullptr;
  passing.unheld.reset();
  if (held == nullptr) passing.unheld = profile != nullptr ? profile->kept : 0;
  write_names(request, passing.sent);
  if (held != nullptr && passing.use == CacheUse::kOther && !passing.range) {
    passing.validates = held->what;
    make_conditional(request, passing);
  }
  passing.network_id = network_.start(std::move(request), passing);
  return passing.id;
}

BrowserCache::Passing& BrowserCache::free_slot() {
  if (free_slots_.empty()) {
    ENSURE(passing_.size() < kSlots);
    free_slots_.push_back(static_cast<std::uint32_t>(passing_.size()));
    passing_.emplace_back(*this, free_slots_.back());
  }
  Passing& passing = passing_[free_slots_.back()];
  free_slots_.pop_back();
  passing.id = transfer_id(kPassing, std::uint64_t{++passing.use_count} * kSlots + passing.slot);
  return passing;
}

BrowserCache::Passing* BrowserCache::find_passing(TransferId id) {
  const std::uint64_t slot = key_of(id) % kSlots;
  if (viewer_of(id) != kPassing || slot >= passing_.size()) return nullptr;
  Passing& passing = passing_[slot];
  return passing.receiver != nullptr && passing.id == id ? &passing : nullptr;
}

// RFC 9111, 4.3.1; Chromium sends both where it has both.
void BrowserCache::make_conditional(TransportRequest& request, Passing& passing) {
  const KeptAnswer& kept = pool_.at(*passing.validates);
  if (kept.etag.empty() && !kept.last_modified) return passing.validates.reset();
  if (!kept.etag.empty()) request.headers.emplace_back("If-None-Match", kept.etag);
  if (kept.last_modified) request.headers.emplace_back("If-Modified-Since", base::to_http_date(*kept.last_modified));
  pool_.hold(*passing.validates);
}

TransferId BrowserCache::recall(base::ViewerId viewer, CacheUse use, const Held& held, bool range, TransferReceiver& receiver) {
  TransportOutcome outcome{.status = range ? kPartial : 200};
  if (use == CacheUse::kSegment) {
    outcome.cached = base::ByteCount::bytes(held.what);
  } else {
    const KeptAnswer& kept = pool_.at(held.what);
    outcome.status = kept.status;
    outcome.cached = kept.bytes;
    outcome.body = kept.body;
    auto& others = profiles_.at(viewer).others;  // the last one used
    const auto at = others.begin() + (&held - others.data());
    std::rotate(at, at + 1, others.end());
  }
  outcome.took = outcome.cached <= kSmall ? kSmallAnswer : kLargeAnswer;
  outcome.ttfb = outcome.took / 2;
  const TransferId id = transfer_id(kRecalling, ++last_recalled_);
  const base::Instant due = timeline_.now() + outcome.took;
  recalled_.emplace(id, Recalled{&receiver, std::move(outcome), timeline_.call_at(due, [this, id] { deliver(id); })});
  return id;
}

void BrowserCache::deliver(TransferId id) {
  Recalled recalled = std::move(recalled_.at(id));
  recalled_.erase(id);
  recalled.receiver->on_outcome(id, std::move(recalled.outcome));
}

void BrowserCache::cancel(TransferId id) {
  if (viewer_of(id) == kRecalling) {
    recalled_.erase(id);
  } else if (viewer_of(id) != kPassing) {
    network_.cancel(id);
  } else if (Passing* passing = find_passing(id)) {
    network_.cancel(passing->network_id);
    let_go(*passing);
  }
}

void BrowserCache::let_go(Passing& passing) {
  if (passing.validates) pool_.release(*std::exchange(passing.validates, std::nullopt));
  passing.receiver = nullptr;
  free_slots_.push_back(passing.slot);
}

void BrowserCache::hear(Passing& passing, TransportOutcome&& outcome) {
  TransferReceiver& receiver = *passing.receiver;
  const TransferId id = passing.id;
  if (outcome.failure.empty() && outcome.status == kNotModified && passing.validates) confirm(passing, outcome);
  keep(passing, outcome);
  let_go(passing);
  receiver.on_outcome(id, std::move(outcome));
}

// RFC 9111, 4.3.4. How long the answer is fresh now is what the 304 says, which must say all that bears on it (RFC 9110, 15.4.5).
void BrowserCache::confirm(const Passing& passing, TransportOutcome& outcome) {
  const KeptAnswer& kept = pool_.at(*passing.validates);
  outcome.status = kept.status;
  outcome.body = kept.body;
  outcome.cached = kept.bytes;
  outcome.validated = true;
  if (!outcome.caching) return;
  if (outcome.caching->etag.empty()) outcome.caching->etag = kept.etag;
  if (!outcome.caching->last_modified) outcome.caching->last_modified = kept.last_modified;
}

// RFC 9111, 3: what may be kept is, unless nothing could ever come of it.
void BrowserCache::keep(const Passing& passing, const TransportOutcome& outcome) {
  const bool complete = outcome.failure.empty() && outcome.status == (passing.range ? kPartial : 200);
  if (!complete || !outcome.caching) return;
  const CacheFields& fields = *outcome.caching;
  Profile& profile = profiles_[passing.viewer];
  const bool is_new = passing.use == CacheUse::kSegment && passing.unheld;
  drop(profile, passing.use, passing.key, is_new ? profile.kept - *passing.unheld : kSegments);
  if (fields.no_store || varies_between_requests(fields, passing.sent) || (passing.range && !has_strong_validator(fields))) return;
  const base::Instant received = timeline_.now() - outcome.took + outcome.ttfb;
  const base::Duration fresh = fresh_for(fields, wall_.utc_at(received), outcome.ttfb);
  const base::ByteCount size = outcome.bytes + outcome.cached;
  if (size.count() == 0) return;
  Held held{.key = passing.key, .fresh_until = mark(received + std::min<base::Duration>(fresh, 24h * 60))};
  if (passing.use == CacheUse::kSegment) {
    if (fresh.count() == 0 || size.count() > std::int64_t{kForEver}) return;
    held.what = static_cast<std::uint32_t>(size.count());
    if (profile.segments.size() == kSegments) profile.segments.erase(profile.segments.begin());
    ++profile.kept;
    base::tight(profile.segments).push_back(held);
    return;
  }
  if (fresh.count() == 0 && (passing.range || !has_validator(fields))) return;
  const auto place = pool_.take({.key = passing.key,
                                 .status = outcome.status,
                                 .bytes = size,
                                 .body = outcome.body,
                                 .etag = fields.etag,
                                 .last_modified = fields.last_modified});
  if (!place) return;
  held.what = *place;
  if (profile.others.size() == kOthers) drop(profile, CacheUse::kOther, profile.others.front().key, kOthers);
  base::tight(profile.others).push_back(held);
}

void BrowserCache::drop(Profile& profile, CacheUse use, std::uint64_t key, std::size_t newest) {
  auto& all = use == CacheUse::kSegment ? profile.segments : profile.others;
  const auto from = all.end() - static_cast<std::ptrdiff_t>(std::min(newest, all.size()));
  const auto found = std::find_if(from, all.end(), [key](const Held& each) { return each.key == key; });
  if (found == all.end()) return;
  if (use == CacheUse::kOther) pool_.release(found->what);
  all.erase(found);
}

void BrowserCache::forget(base::ViewerId viewer) {
  const auto found = profiles_.find(viewer);
  if (found == profiles_.end()) return;
  for (const Held& each : found->second.others) pool_.release(each.what);
  profiles_.erase(found);
}

std::size_t BrowserCache::bytes_held(base::ViewerId viewer) const {
  const auto found = profiles_.find(viewer);
  if (found == profiles_.end()) return 0;
  return sizeof(Profile) + (found->second.segments.capacity() + found->second.others.capacity()) * sizeof(Held);
}

}  // namespace harness
