// SharedLink: processor sharing of one viewer's downlink. Whatever crosses it divides its rate equally; the arithmetic is exact (work
// is counted in bits x 1e9, so that rate x nanoseconds needs no division; what does not divide evenly goes to the oldest first).
// Pure: time is an argument.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "base/units.h"

namespace harness {

class SharedLink {
 public:
  explicit SharedLink(base::Bitrate rate) : rate_{rate} {}

  // `key` is new. `now` never goes back, here and below.
  void add(base::Instant now, std::uint64_t key, base::ByteCount size);
  void remove(base::Instant now, std::uint64_t key);
  // What of `key` has crossed so far.
  base::ByteCount received(base::Instant now, std::uint64_t key);
  bool is_complete(base::Instant now, std::uint64_t key);
  // When the first of the flows that are there will be complete; nothing when none is there or the rate is zero.
  std::optional<base::Instant> next_completion() const;

 private:
  struct Flow {
    std::uint64_t key;
    base::ByteCount size;
    std::int64_t left;  // bits x 1e9
  };
  void advance(base::Instant now);
  Flow& find(std::uint64_t key);
  base::Bitrate rate_;
  base::Instant at_{};
  std::vector<Flow> flows_;  // oldest first; complete ones stay until removed and take no share
};

}  // namespace harness
