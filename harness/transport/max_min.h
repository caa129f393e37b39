// Max-min fair shares at shared links: nobody's rate can be raised without lowering that of somebody who has no more (Bertsekas and
// Gallager, Data Networks, 6.5.2). max_min_rates() is exact, for flows that cross several links. DemandHistogram is for one link and a
// million flows: it counts them by what each could take, and finds the level that fills the link without looking at a single one. Pure.
//
//   each shard:  histogram.add(cap) when a flow starts, remove(cap) when it ends; +=  adds the shards' histograms up
//   each round:  level = histogram.level(capacity); a flow's rate is min(its cap, level)
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/units.h"

namespace harness {

struct SharedFlow {
  double cap = 0;                      // what it takes at most: its own link, its window
  std::vector<std::uint32_t> links{};  // that it crosses, each once; indices into the capacities
};

// A rate for each flow, in the unit of the capacities. Water fills all flows alike until a link is full or a flow has what it can take;
// O(links x (flows' crossings)) at worst.
std::vector<double> max_min_rates(const std::vector<SharedFlow>& flows, const std::vector<double>& capacities);

class DemandHistogram {
 public:
  void add(base::Bitrate cap);
  // Requires: added before.
  void remove(base::Bitrate cap);
  DemandHistogram& operator+=(const DemandHistogram& other);

  std::int64_t flows() const { return flows_; }
  base::Bitrate demand() const { return base::Bitrate::bits_per_second(demand_); }
  // The highest rate that nobody need exceed for the link to be full; unlimited when it can carry all that is wanted. O(bins). Within the
  // bin that holds the level caps count as their mean, so that the sum of the rates is off the capacity by less than kWidth.
  base::Bitrate level(base::Bitrate capacity) const;

  static constexpr base::Bitrate kUnlimited = base::Bitrate::bits_per_second(std::int64_t{1} << 62);
  static constexpr double kWidth = 1.0 / 32;  // of a bin, of its lower end

 private:
  static constexpr int kSteps = 32;      // bins in a doubling
  static constexpr int kDoublings = 42;  // from 32 bit/s to 128 Tbit/s
  static std::size_t bin_of(base::Bitrate cap);
  struct Bin {
    std::int64_t flows = 0;
    std::int64_t demand = 0;  // bits per second, summed up
  };
  std::array<Bin, static_cast<std::size_t>(kSteps* kDoublings)> bins_{};
  std::int64_t flows_ = 0, demand_ = 0;
};

}  // namespace harness
