// SlidingSum: the sum of what was added during the last `window`, exact to a twentieth of it. Pure; one thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace server {

class SlidingSum {
 public:
  // Requires: window >= 1 ms.
  explicit SlidingSum(base::Duration window);
  // An instant before the newest one counts as that.
  void add(base::Instant now, std::int64_t amount);
  std::int64_t sum(base::Instant now);
  // How much time the sum is over: the window (less up to a twentieth), or less when the first amount is younger.
  base::Duration covered(base::Instant now) const;
  void reset();

 private:
  static constexpr std::int64_t kBuckets = 20;
  void advance(base::Instant now);
  base::Duration bucket_;
  std::array<std::int64_t, kBuckets> amounts_{};
  std::int64_t newest_ = 0;  // number of the newest bucket since the clock's zero
  std::int64_t total_ = 0;
  std::optional<base::Instant> first_;
};

}  // namespace server
