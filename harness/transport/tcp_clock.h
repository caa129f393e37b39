// The clocks of Linux's TCP: timestamps in milliseconds, timers in jiffies of 4 ms (CONFIG_HZ 250, Debian) on the kernel's timer wheel,
// which never fires early and rounds the later the coarser (kernel/time/timer.c).
#pragma once

#include "base/time.h"

namespace harness {

constexpr base::Duration kJiffy = std::chrono::milliseconds{4};
constexpr base::Duration kTcpTimerSlack = std::chrono::milliseconds{2};  // TCP_TIMEOUT_MIN_US
constexpr base::Instant kTcpNever = base::Instant::max();

constexpr std::int64_t jiffies_of(base::Instant t) { return t.time_since_epoch() / kJiffy; }
constexpr std::uint32_t tcp_stamp_of(base::Instant t) {
  return static_cast<std::uint32_t>(t.time_since_epoch() / std::chrono::milliseconds{1});
}

// When a timer fires that is set at `now` to `delay` from now.
constexpr base::Instant wheel_expiry(base::Instant now, base::Duration delay) {
  const std::int64_t set = (delay + kJiffy - base::Duration{1}) / kJiffy;
  std::int64_t grain = 1;  // eight times as coarse beyond 63, 504, 4,032, … jiffies
  for (std::int64_t reach = 63; set >= reach && grain < 4096; reach *= 8) grain *= 8;
  const std::int64_t expires = (jiffies_of(now) + set + grain) / grain * grain;
  return base::Instant{expires * kJiffy};
}

}  // namespace harness
