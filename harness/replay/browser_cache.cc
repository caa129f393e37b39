#include "harness/replay/browser_cache.h"

namespace harness {
namespace {

using namespace base::literals;

// Request to last byte of an answer from the cache, medians in Chromium 156: 2.5 ms for init segments (166 of them), 4.1 ms for media
// segments (96).
constexpr base::Duration kSmallAnswer = 2500us, kLargeAnswer = 4100us;
constexpr base::ByteCount kSmall = base::ByteCount::bytes(4096);

}  // namespace

BrowserCache::BrowserCache(Transport& network, base::Timeline& timeline, std::function<bool(const std::string& url)> may_keep)
    : network_{network}, timeline_{timeline}, may_keep_{std::move(may_keep)} {}

BrowserCache::~BrowserCache() {
  for (const auto& [id, each] : passing_) network_.cancel(id);
}

TransferId BrowserCache::start(TransportRequest request, TransferReceiver& receiver) {
  if (request.method == "GET" && holds(request.url)) return recall(request.url, receiver);
  const TransferId mine{++last_};
  std::string url = request.method == "GET" ? request.url : std::string{};
  const TransferId theirs = network_.start(std::move(request), *this);
  passing_[theirs] = {&receiver, std::move(url), mine};
  network_ids_[mine] = theirs;
  return mine;
}

TransferId BrowserCache::recall(const std::string& url, TransferReceiver& receiver) {
  const TransferId id{++last_};
  TransportOutcome outcome = kept_.at(url);
  outcome.took = outcome.bytes <= kSmall ? kSmallAnswer : kLargeAnswer;
  outcome.ttfb = outcome.took / 2;
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
  recalled_.erase(id);
  const auto found = network_ids_.find(id);
  if (found == network_ids_.end()) return;
  network_.cancel(found->second);
  passing_.erase(found->second);
  network_ids_.erase(found);
}

void BrowserCache::on_progress(TransferId id, const TransferProgress& progress) {
  const Passing& passing = passing_.at(id);
  passing.receiver->on_progress(passing.mine, progress);
}

void BrowserCache::on_outcome(TransferId id, TransportOutcome outcome) {
  const Passing passing = std::move(passing_.at(id));
  passing_.erase(id);
  network_ids_.erase(passing.mine);
  const bool whole = outcome.failure.empty() && outcome.status == 200;
  if (whole && !passing.url.empty() && may_keep_(passing.url)) kept_[passing.url] = outcome;
  passing.receiver->on_outcome(passing.mine, std::move(outcome));
}

}  // namespace harness
