// The order of wake-ups shared by both Timelines: by instant, then by the order of the calls. Cancelling marks an entry, which
// is dropped when it reaches the top, so no heap is searched.
#pragma once

#include <optional>
#include <queue>
#include <unordered_map>
#include <vector>

#include "base/timeline.h"

namespace base {

class TimerQueue {
 public:
  std::uint64_t add(Instant when, Timeline::Callback callback);
  void cancel(std::uint64_t id) noexcept { callbacks_.erase(id); }
  // The earliest instant at which something is due, if anything is.
  std::optional<Instant> next_due();
  // Takes the earliest callback due at or before `now`.
  std::optional<Timeline::Callback> take_due(Instant now);
  bool empty() const { return callbacks_.empty(); }

 private:
  struct Entry {
    Instant when;
    std::uint64_t id;
    bool operator>(const Entry& o) const { return when != o.when ? when > o.when : id > o.id; }
  };
  void drop_cancelled();
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> order_;
  std::unordered_map<std::uint64_t, Timeline::Callback> callbacks_;
  std::uint64_t last_id_ = 0;
};

}  // namespace base
