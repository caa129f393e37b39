#include "harness/transport/shared_link.h"

#include <algorithm>

#include "base/ensure.h"

namespace harness {
namespace {

__extension__ using Wide = __int128;  // a rate of 10 Gbit/s over a minute of nanoseconds leaves 64 bits

constexpr std::int64_t kPerByte = 8'000'000'000;
constexpr Wide kLongest = std::int64_t{1} << 60;  // nanoseconds
constexpr int kLookAhead = 1'000;                 // changes of the rate

Wide divided_up(Wide work, std::int64_t by) { return (work + by - 1) / by; }

}  // namespace

SharedLink::Flow& SharedLink::find(std::uint64_t key) {
  const auto found = std::find_if(flows_.begin(), flows_.end(), [key](const Flow& flow) { return flow.key == key; });
  ENSURE(found != flows_.end());
  return *found;
}

void SharedLink::add(base::Instant now, std::uint64_t key, base::ByteCount size) {
  advance(now);
  flows_.push_back({.key = key, .size = size, .left = size.count() * kPerByte});
}

void SharedLink::remove(base::Instant now, std::uint64_t key) {
  advance(now);
  std::erase_if(flows_, [key](const Flow& flow) { return flow.key == key; });
}

base::ByteCount SharedLink::received(base::Instant now, std::uint64_t key) {
  advance(now);
  const Flow& flow = find(key);
  return flow.size - base::ByteCount::bytes((flow.left + kPerByte - 1) / kPerByte);
}

bool SharedLink::is_complete(base::Instant now, std::uint64_t key) {
  advance(now);
  return find(key).left == 0;
}

SharedLink::Sharing SharedLink::sharing() const {
  Sharing sharing;
  for (const Flow& flow : flows_) {
    if (flow.left == 0) continue;
    sharing.least = ++sharing.flows == 1 ? flow.left : std::min(sharing.least, flow.left);
  }
  return sharing;
}

std::optional<base::Instant> SharedLink::next_completion() const {
  if (flows_.empty()) return std::nullopt;
  const Sharing now = sharing();
  if (now.flows < static_cast<std::int64_t>(flows_.size()) || schedule_.is_unlimited()) return at_;
  base::Instant at = at_;
  Wide work = Wide{now.least} * now.flows;
  for (int changes = 0; changes < kLookAhead; ++changes) {
    const std::int64_t rate = rate_at(at);
    const auto change = schedule_.next_change(at);
    const Wide until_change = change ? Wide{(*change - at).count()} : kLongest;
    if (rate > 0 && divided_up(work, rate) <= until_change) return at + base::Duration{static_cast<std::int64_t>(divided_up(work, rate))};
    if (!change) return at + base::Duration{static_cast<std::int64_t>(kLongest)};
    work -= until_change * rate;
    at = *change;
  }
  return at;
}

// Between two completions and two changes of the rate the shares are constant; a flow that completes on the way hands its share on.
void SharedLink::advance(base::Instant now) {
  while (at_ < now && !schedule_.is_unlimited()) {
    const Sharing shared = sharing();
    if (shared.flows == 0) break;
    const std::int64_t rate = rate_at(at_);
    Wide step{(now - at_).count()};
    if (const auto change = schedule_.next_change(at_)) step = std::min(step, Wide{(*change - at_).count()});
    if (rate > 0) step = std::min(step, divided_up(Wide{shared.least} * shared.flows, rate));
    carry(base::Duration{static_cast<std::int64_t>(step)}, shared.flows);
  }
  if (schedule_.is_unlimited())
    for (Flow& flow : flows_) flow.left = 0;
  at_ = std::max(at_, now);
}

void SharedLink::carry(base::Duration step, std::int64_t flows) {
  Wide work = Wide{rate_at(at_)} * step.count();
  for (Flow& flow : flows_) {
    if (flow.left == 0) continue;
    const Wide share = divided_up(work, flows);
    work -= share;
    --flows;
    flow.left -= static_cast<std::int64_t>(std::min(share, Wide{flow.left}));
  }
  at_ += step;
}

}  // namespace harness
