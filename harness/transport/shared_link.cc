#include "harness/transport/shared_link.h"

#include <algorithm>

#include "base/ensure.h"

namespace harness {
namespace {

__extension__ using Wide = __int128;  // a rate of 10 Gbit/s over a minute of nanoseconds leaves 64 bits

constexpr std::int64_t kPerByte = 8'000'000'000;

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

std::optional<base::Instant> SharedLink::next_completion() const {
  std::int64_t sharing = 0;
  std::int64_t least = 0;
  for (const Flow& flow : flows_) {
    if (flow.left == 0) return at_;
    ++sharing;
    least = sharing == 1 ? flow.left : std::min(least, flow.left);
  }
  if (sharing == 0 || rate_.bps() <= 0) return std::nullopt;
  const Wide nanoseconds = (Wide{least} * sharing + rate_.bps() - 1) / rate_.bps();
  constexpr Wide kLongest = std::int64_t{1} << 60;
  return at_ + base::Duration{static_cast<std::int64_t>(std::min(nanoseconds, kLongest))};
}

// Between two completions the shares are constant; a flow that completes on the way hands its share on.
void SharedLink::advance(base::Instant now) {
  while (at_ < now) {
    std::int64_t sharing = std::count_if(flows_.begin(), flows_.end(), [](const Flow& flow) { return flow.left > 0; });
    if (sharing == 0 || rate_.bps() <= 0) break;
    std::int64_t least = INT64_MAX;
    for (const Flow& flow : flows_)
      if (flow.left > 0) least = std::min(least, flow.left);
    const Wide until_completion = (Wide{least} * sharing + rate_.bps() - 1) / rate_.bps();
    const auto step = static_cast<std::int64_t>(std::min(until_completion, Wide{(now - at_).count()}));
    Wide work = Wide{rate_.bps()} * step;
    for (Flow& flow : flows_) {
      if (flow.left == 0) continue;
      const Wide share = (work + sharing - 1) / sharing;
      work -= share;
      --sharing;
      flow.left -= static_cast<std::int64_t>(std::min(share, Wide{flow.left}));
    }
    at_ += base::Duration{step};
  }
  at_ = std::max(at_, now);
}

}  // namespace harness
