// The project's time types. Instants come from a Timeline and mix with no other clock; UTC appears only at the text edges
// (manifests, logs, report headers) through a WallAnchor.
#pragma once

#include <chrono>
#include <cstdint>

namespace base {

using Duration = std::chrono::nanoseconds;

struct TimelineClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<TimelineClock, Duration>;
};
using Instant = TimelineClock::time_point;

using UtcTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

constexpr Duration from_seconds(double s) { return Duration{static_cast<std::int64_t>(s * 1e9 + (s < 0 ? -0.5 : 0.5))}; }
constexpr double to_seconds(Duration d) { return static_cast<double>(d.count()) / 1e9; }
constexpr double to_milliseconds(Duration d) { return static_cast<double>(d.count()) / 1e6; }

// Ties one instant of a Timeline to UTC, so that pure code can convert without asking a clock.
struct WallAnchor {
  Instant at;
  UtcTime utc;
  constexpr UtcTime utc_at(Instant t) const { return utc + (t - at); }
  constexpr Instant instant_at(UtcTime t) const { return at + (t - utc); }
};

namespace literals {
using namespace std::chrono_literals;
}

}  // namespace base
