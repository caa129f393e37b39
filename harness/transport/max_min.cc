#include "harness/transport/max_min.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/ensure.h"

namespace harness {
namespace {

constexpr double kFull = 1e-12;  // relative: what is less has been filled

struct Filling {
  const std::vector<SharedFlow>& flows;
  std::vector<double> left;           // of each link, after what fixed flows take
  std::vector<std::uint32_t> rising;  // flows on it that are not fixed
  std::vector<double> rates;
  std::vector<bool> fixed;

  // How far the water may rise until a link is full.
  double next_full() const {
    double level = std::numeric_limits<double>::infinity();
    for (std::size_t link = 0; link < left.size(); ++link)
      if (rising[link] > 0) level = std::min(level, left[link] / rising[link]);
    return level;
  }

  void fix(std::size_t flow, double rate) {
    fixed[flow] = true;
    rates[flow] = rate;
    for (const std::uint32_t link : flows[flow].links) {
      left[link] = std::max(left[link] - rate, 0.0);
      --rising[link];
    }
  }

  bool crosses_full(std::size_t flow, double level) const {
    return std::any_of(flows[flow].links.begin(), flows[flow].links.end(),
                       [&](std::uint32_t link) { return left[link] <= level * rising[link] * (1 + kFull); });
  }
};

}  // namespace

// Flows in the order of their caps: those whose cap lies below the level at which the next link fills have all they can take; then those
// on that link have the level.
std::vector<double> max_min_rates(const std::vector<SharedFlow>& flows, const std::vector<double>& capacities) {
  Filling filling{.flows = flows,
                  .left = capacities,
                  .rising = std::vector<std::uint32_t>(capacities.size()),
                  .rates = std::vector<double>(flows.size()),
                  .fixed = std::vector<bool>(flows.size())};
  std::vector<std::size_t> by_cap(flows.size());
  for (std::size_t i = 0; i < flows.size(); ++i) {
    by_cap[i] = i;
    for (const std::uint32_t link : flows[i].links) ++filling.rising[link];
  }
  std::stable_sort(by_cap.begin(), by_cap.end(), [&](std::size_t a, std::size_t b) { return flows[a].cap < flows[b].cap; });
  for (std::size_t next = 0; next < by_cap.size();) {
    if (filling.fixed[by_cap[next]]) {
      ++next;
      continue;
    }
    const double level = filling.next_full();
    if (flows[by_cap[next]].cap <= level) {
      filling.fix(by_cap[next], flows[by_cap[next]].cap);
      continue;
    }
    std::vector<std::size_t> full;
    for (std::size_t i = next; i < by_cap.size(); ++i)
      if (!filling.fixed[by_cap[i]] && filling.crosses_full(by_cap[i], level)) full.push_back(by_cap[i]);
    for (const std::size_t flow : full) filling.fix(flow, level);
  }
  return filling.rates;
}

// Bins of equal width within each doubling.
std::size_t DemandHistogram::bin_of(base::Bitrate cap) {
  const auto bps = static_cast<std::uint64_t>(std::clamp<std::int64_t>(cap.bps(), kSteps, (std::int64_t{kSteps} << kDoublings) - 1));
  const int doubling = static_cast<int>(std::bit_width(bps)) - static_cast<int>(std::bit_width(static_cast<unsigned>(kSteps)));
  return static_cast<std::size_t>(doubling * kSteps) + static_cast<std::size_t>(bps >> doubling) - kSteps;
}

void DemandHistogram::add(base::Bitrate cap) {
  Bin& bin = bins_[bin_of(cap)];
  ++bin.flows;
  bin.demand += cap.bps();
  ++flows_;
  demand_ += cap.bps();
}

void DemandHistogram::remove(base::Bitrate cap) {
  Bin& bin = bins_[bin_of(cap)];
  ENSURE(bin.flows > 0);
  --bin.flows;
  bin.demand -= cap.bps();
  --flows_;
  demand_ -= cap.bps();
}

DemandHistogram& DemandHistogram::operator+=(const DemandHistogram& other) {
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    bins_[i].flows += other.bins_[i].flows;
    bins_[i].demand += other.bins_[i].demand;
  }
  flows_ += other.flows_;
  demand_ += other.demand_;
  return *this;
}

// Whoever takes less than the level is in a bin below; the rest share what these leave.
base::Bitrate DemandHistogram::level(base::Bitrate capacity) const {
  if (demand_ <= capacity.bps()) return kUnlimited;
  std::int64_t left = capacity.bps(), flows = flows_;
  for (const Bin& bin : bins_) {
    if (bin.flows == 0) continue;
    if (left / flows <= bin.demand / bin.flows) break;
    left -= bin.demand;
    flows -= bin.flows;
  }
  return base::Bitrate::bits_per_second(left / flows);
}

}  // namespace harness
