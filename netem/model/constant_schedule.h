// ConstantSchedule: when bytes are through on a constant rate, for RateSchedule only. Pure; 24 bytes, of which there are millions.
#pragma once

#include <cstdint>

#include "base/ensure.h"
#include "base/time.h"
#include "base/units.h"
#include "netem/model/wide.h"

namespace netem {

class ConstantSchedule {
 public:
  explicit ConstantSchedule(base::Bitrate rate) : rate_{rate.bps()} { ENSURE(rate_ > 0); }

  base::Instant finish(base::Instant start, base::ByteCount size) {
    const auto [passed, rest] = divide(units_of(size) + (start == last_ ? rest_ : 0), rate_);
    rest_ = static_cast<std::int64_t>(rest);
    return last_ = start + base::Duration{static_cast<std::int64_t>(passed)};
  }
  base::ByteCount waiting(base::Instant now) const {
    return now >= last_ ? base::ByteCount{} : begun_bytes(units_between(now, last_) + rest_);
  }
  base::ByteCount capacity(base::Instant from, base::Instant to) const { return whole_bytes(units_between(from, to)); }
  base::Bitrate rate() const { return base::Bitrate::bits_per_second(rate_); }

 private:
  Wide units_between(base::Instant from, base::Instant to) const { return static_cast<Wide>((to - from).count()) * rate_; }

  std::int64_t rate_;
  base::Instant last_ = base::Instant::min();  // returned by the last finish()
  std::int64_t rest_ = 0;                      // sent after last_, less than a nanosecond's worth
};

}  // namespace netem
