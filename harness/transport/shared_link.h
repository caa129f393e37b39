// SharedLink: processor sharing of one viewer's downlink, whose rate is constant, unlimited or follows a trace. Whatever crosses it
// divides its rate equally; the arithmetic is exact (work is counted in bits x 1e9, so that rate x nanoseconds needs no division; what
// does not divide evenly goes to the oldest first). Pure: time is an argument.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "netem/model/rate_schedule.h"

namespace harness {

class SharedLink {
 public:
  // `origin`: where a trace begins.
  explicit SharedLink(const netem::Rate& rate, base::Instant origin = {}) : schedule_{rate, origin} {}

  // `key` is new. `now` never goes back, here and below.
  void add(base::Instant now, std::uint64_t key, base::ByteCount size);
  void remove(base::Instant now, std::uint64_t key);
  // What of `key` has crossed so far.
  base::ByteCount received(base::Instant now, std::uint64_t key);
  bool is_complete(base::Instant now, std::uint64_t key);
  // When the first of the flows that are there will be complete; nothing when none is there. Looks at most a thousand changes of the
  // rate ahead: what takes longer gives the instant of the last one, at which it is worth asking again.
  std::optional<base::Instant> next_completion() const;
  const netem::RateSchedule& schedule() const { return schedule_; }

 private:
  struct Flow {
    std::uint64_t key;
    base::ByteCount size;
    std::int64_t left;  // bits x 1e9
  };
  void advance(base::Instant now);
  Flow& find(std::uint64_t key);
  // While the flows and the rate stay as they are.
  struct Sharing {
    std::int64_t flows = 0;  // that are not complete
    std::int64_t least = 0;  // left of the one that will be complete first
  };
  Sharing sharing() const;
  std::int64_t rate_at(base::Instant at) const { return schedule_.rate_at(at)->bps(); }
  void carry(base::Duration step, std::int64_t flows);

  netem::RateSchedule schedule_;
  base::Instant at_{};
  std::vector<Flow> flows_;  // oldest first; complete ones stay until removed and take no share
};

}  // namespace harness
