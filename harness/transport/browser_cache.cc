#include "harness/transport/browser_cache.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <limits>
#include <utility>

#include "base/text.h"
#include "harness/transport/transfer_names.h"

namespace harness {
namespace {

using namespace base::literals;

// Request to last byte of an answer from the cache, medians in Chromium 156: 2.5 ms for init segments (166 of them), 4.1 ms for media
// segments (96).
constexpr base::Duration kSmallAnswer = 2500us, kLargeAnswer = 4100us;
constexpr base::ByteCount kSmall = base::ByteCount::bytes(4096);

constexpr base::ViewerId kNoViewer{0xFFFF'FFFF};  // whose transfers the recalled ones are, so that no transport's ids are theirs
constexpr std::uint32_t kForEver = std::numeric_limits<std::uint32_t>::max();
constexpr int kNotModified = 304, kPartial = 206;

bool may_use_cache(const TransportRequest& request) { return request.cache != CacheUse::kNone && request.method == "GET"; }

std::uint64_t cache_key(const TransportRequest& request) {
  const std::string* range = find_header(request, "Range");
  return request.url.hash() ^ (range != nullptr ? std::hash<std::string>{}(*range) * 31 : 0);
}

std::string names_sent(const TransportRequest& request) {
  std::string names;
  for (const auto& [name, value] : request.headers) {
    if (name == "Range") continue;  // part of the key
    std::transform(name.begin(), name.end(), std::back_inserter(names),
                   [](char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); });
    names += ',';
  }
  return names;
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
  for (const auto& [id, each] : passing_) network_.cancel(id);
}

std::uint32_t BrowserCache::mark(base::Instant when) const {
  const std::int64_t ms = (when - made_) / 1ms;
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(ms, 0, kForEver));
}

bool BrowserCache::is_fresh(const Held& held) const { return held.fresh_until > mark(timeline_.now()); }

const BrowserCache::Held* BrowserCache::find(base::ViewerId viewer, CacheUse use, std::uint64_t key) const {
  const auto profile = profiles_.find(viewer);
  if (profile == profiles_.end()) return nullptr;
  const auto& all = use == CacheUse::kSegment ? profile->second.segments : profile->second.others;
  const auto found = std::find_if(all.rbegin(), all.rend(), [key](const Held& each) { return each.key == key; });
  return found == all.rend() ? nullptr : &*found;
}

bool BrowserCache::answers(const TransportRequest& request) const {
  if (!may_use_cache(request)) return false;
  const Held* held = find(request.viewer, request.cache, cache_key(request));
  return held != nullptr && is_fresh(*held);
}

TransferId BrowserCache::start(TransportRequest request, TransferReceiver& receiver) {
  if (!may_use_cache(request)) return network_.start(std::move(request), receiver);
  Passing passing{.receiver = &receiver,
                  .viewer = request.viewer,
                  .key = cache_key(request),
                  .use = request.cache,
                  .range = find_header(request, "Range") != nullptr,
                  .sent = names_sent(request)};
  if (const Held* held = find(passing.viewer, passing.use, passing.key)) {
    if (is_fresh(*held)) return recall(passing.viewer, passing.use, *held, passing.range, receiver);
    if (passing.use == CacheUse::kOther && !passing.range) passing.validates = held->what;
  }
  if (passing.validates) make_conditional(request, passing);
  const TransferId id = network_.start(std::move(request), *this);
  passing_.emplace(id, std::move(passing));
  return id;
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
  const TransferId id = transfer_id(kNoViewer, ++last_recalled_);
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
  if (recalled_.erase(id) > 0) return;
  network_.cancel(id);
  const auto found = passing_.find(id);
  if (found == passing_.end()) return;
  let_go(found->second);
  passing_.erase(found);
}

void BrowserCache::let_go(Passing& passing) {
  if (passing.validates) pool_.release(*std::exchange(passing.validates, std::nullopt));
}

void BrowserCache::on_progress(TransferId id, const TransferProgress& progress) { passing_.at(id).receiver->on_progress(id, progress); }

void BrowserCache::on_outcome(TransferId id, TransportOutcome outcome) {
  const auto found = passing_.find(id);
  Passing passing = std::move(found->second);
  passing_.erase(found);
  if (outcome.failure.empty() && outcome.status == kNotModified && passing.validates) confirm(passing, outcome);
  keep(passing, outcome);
  let_go(passing);
  passing.receiver->on_outcome(id, std::move(outcome));
}

// RFC 9111, 4.3.4. How long the answer is fresh now is what the 304 says, which must say all that bears on it (RFC 9110, 15.4.5).
void BrowserCache::confirm(Passing& passing, TransportOutcome& outcome) {
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
  drop(profile, passing.use, passing.key);
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
    return add(profile.segments, held);
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
  if (profile.others.size() == kOthers) drop(profile, CacheUse::kOther, profile.others.front().key);
  add(profile.others, held);
}

// Capacity in steps, since many viewers have one.
void BrowserCache::add(std::vector<Held>& all, const Held& held) {
  if (all.size() == all.capacity()) all.reserve(all.size() + 8);
  all.push_back(held);
}

void BrowserCache::drop(Profile& profile, CacheUse use, std::uint64_t key) {
  auto& all = use == CacheUse::kSegment ? profile.segments : profile.others;
  const auto found = std::find_if(all.begin(), all.end(), [key](const Held& each) { return each.key == key; });
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
