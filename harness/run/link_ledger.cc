#include "harness/run/link_ledger.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/scenario/link_words.h"

namespace harness {
namespace {

using namespace std::chrono_literals;

// Of TCP payload: 1,500 bytes less the headers of IPv4 and TCP with timestamps.
constexpr base::ByteCount kFirstPacket = base::ByteCount::bytes(1448);
// No answer takes longer from its first byte to its last without the player's giving up.
constexpr base::Duration kLongestAnswer = 120s;

bool is_rated(const netem::ImpairmentSpec& spec) { return !std::holds_alternative<netem::Unlimited>(spec.rate); }

bool has_one_rate(const Scenario& scenario) {
  const std::string& first = scenario.cohorts.front().network;
  return is_rated(scenario.networks.at(first).link.down) &&
         std::all_of(scenario.cohorts.begin(), scenario.cohorts.end(), [&](const Cohort& cohort) { return cohort.network == first; });
}

}  // namespace

// The first packet is there when its span begins; unless something else was arriving already, it has used up none of this time.
void LoadingTime::add(Span span, base::ByteCount bytes) {
  const bool is_loading = std::any_of(spans_.begin(), spans_.end(), [&](const Span& s) { return s.from < span.from && span.from < s.to; });
  bytes_ += is_loading ? bytes : bytes - std::min(bytes, kFirstPacket);
  while (!spans_.empty() && spans_.back().to >= span.from) {
    span.from = std::min(span.from, spans_.back().from);
    span.to = std::max(span.to, spans_.back().to);
    spans_.pop_back();
  }
  spans_.push_back(span);
}

std::vector<LoadingTime::Span> LoadingTime::take_settled(base::Instant now) {
  const auto touched = std::find_if(spans_.begin(), spans_.end(), [now](const Span& span) { return span.to >= now - kLongestAnswer; });
  std::vector<Span> out{spans_.begin(), touched};
  spans_.erase(spans_.begin(), touched);
  return out;
}

LinkLedger::LinkLedger(const Scenario& scenario)
    : scenario_{scenario}, has_one_rate_{has_one_rate(scenario)}, accounts_(scenario.cohorts.size()) {
  for (const Cohort& cohort : scenario.cohorts) rates_.emplace_back(scenario.networks.at(cohort.network).link.down.rate, base::Instant{});
}

void LinkLedger::open(const LinkUse& use, base::Instant at) {
  open_.insert_or_assign(use.viewer, OpenLink{use.cohort, at, rates_[use.cohort].anew(use.origin), {}});
  ++accounts_[use.cohort].sessions;
}

void LinkLedger::note(base::ViewerId viewer, base::Instant at, const RequestDone& request) {
  const auto found = open_.find(viewer);
  if (found == open_.end() || request.took <= request.ttfb || request.cached.count() > 0) return;
  OpenLink& link = found->second;
  link.loading.add({at - request.took + request.ttfb, at}, request.bytes);
  count(link, link.loading.take_settled(at));
}

void LinkLedger::close(base::ViewerId viewer, const LinkFacts& facts) {
  const auto found = open_.find(viewer);
  if (found == open_.end()) return;
  OpenLink& link = found->second;
  count(link, link.loading.take_all());
  Account& account = accounts_[link.cohort];
  account.bytes += link.loading.bytes();
  if (facts.reading) {
    account.packets.down += facts.reading->down;
    account.packets.up += facts.reading->up;
  }
  for (const ConnectionFacts& connection : facts.connections) account.rtt.add(base::to_milliseconds(connection.rtt));
  // A viewer's first connection finds the link idle; those that follow may wait behind its own media.
  const auto first = std::min_element(facts.connections.begin(), facts.connections.end(),
                                      [](const ConnectionFacts& a, const ConnectionFacts& b) { return a.ordinal < b.ordinal; });
  if (first != facts.connections.end() && first->handshake) account.handshake.add(base::to_milliseconds(*first->handshake));
  open_.erase(found);
}

void LinkLedger::count(OpenLink& link, const std::vector<LoadingTime::Span>& spans) {
  Account& account = accounts_[link.cohort];
  for (const auto& [from, to] : spans) {
    account.loading += base::to_seconds(to - from);
    if (!link.rate.is_unlimited()) account.capacity += static_cast<double>(link.rate.capacity(from, to).count()) * 8;
  }
}

LinkLedger::Offered LinkLedger::offered(base::Instant from, base::Instant to) const {
  Offered out;
  if (!has_one_rate_) return out;
  for (const auto& [viewer, link] : open_) {
    const base::Instant begin = std::max(from, link.since);
    if (begin < to) out.add({link.rate.capacity(begin, to), to - begin});
  }
  return out;
}

std::optional<double> LinkLedger::Offered::mean() const {
  if (time == base::Duration::zero()) return std::nullopt;
  return static_cast<double>(bytes.count()) * 8 / base::to_seconds(time);
}

void LinkLedger::Account::add(const Account& other) {
  sessions += other.sessions;
  packets.down += other.packets.down;
  packets.up += other.packets.up;
  handshake.merge(other.handshake);
  rtt.merge(other.rtt);
  bytes += other.bytes;
  loading += other.loading;
  capacity += other.capacity;
}

void LinkLedger::merge(const LinkLedger& other) {
  for (std::size_t i = 0; i < accounts_.size(); ++i) accounts_[i].add(other.accounts_[i]);
}

std::vector<reports::LinkRow> LinkLedger::rows(const std::string& backend) const {
  std::vector<reports::LinkRow> out;
  for (std::size_t i = 0; i < accounts_.size(); ++i) {
    const Account& account = accounts_[i];
    const Cohort& cohort = scenario_.cohorts[i];
    const Network& network = scenario_.networks.at(cohort.network);
    reports::LinkRow row = configured_link(cohort, network, backend, account.sessions);
    row.connections = account.rtt.count();
    if (row.connections > 0) row.rtt_ms = account.rtt.quantile(0.5);
    if (account.handshake.count() > 0) row.rtt_handshake_ms = account.handshake.quantile(0.5);
    row.packets_down = account.packets.down.offered;
    row.packets_up = account.packets.up.offered;
    row.lost_down = account.packets.down.lost;
    row.lost_up = account.packets.up.lost;
    row.overflowed_down = account.packets.down.overflowed;
    row.overflowed_up = account.packets.up.overflowed;
    row.loading_seconds = account.loading;
    if (account.loading > 0) row.goodput = static_cast<double>(account.bytes.count()) * 8 / account.loading;
    if (account.loading > 0 && is_rated(network.link.down)) row.capacity = account.capacity / account.loading;
    out.push_back(std::move(row));
  }
  return out;
}

}  // namespace harness
