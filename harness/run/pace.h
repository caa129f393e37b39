// Pace: how fast virtual time is simulated, and how long the rest takes at the pace of the last seconds. Pure: told the wall clock.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "base/time.h"

namespace harness {

// Session-seconds: one session for one second.
struct SimulatedWork {
  double done = 0;
  double to_come = 0;  // as far as known
};

class Pace {
 public:
  void add(base::Instant wall, const SimulatedWork& work);
  // Session-seconds a second, over the last kSpan. Absent until some time has passed.
  std::optional<double> rate() const;
  // Wall time.
  std::optional<base::Duration> left() const;

 private:
  static constexpr base::Duration kSpan = std::chrono::seconds{10};
  struct Mark {
    base::Instant wall;
    SimulatedWork work;
  };
  std::deque<Mark> marks_;
};

}  // namespace harness
