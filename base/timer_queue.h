// The order of wake-ups shared by both Timelines: by instant, then by the order of the calls. A heap that knows where each wake-up
// stands, so that cancelling takes it out at once, and slots that are used again: nothing is allocated while the number of wake-ups
// that wait does not grow (but for what a callback itself captures).
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/timeline.h"

namespace base {

class TimerQueue {
 public:
  // Returns its id, which is not used again.
  std::uint64_t add(Instant when, Timeline::Callback callback);
  // Ids of what has run or was cancelled are ignored.
  void cancel(std::uint64_t id) noexcept;
  // The earliest instant at which something is due, if anything is.
  std::optional<Instant> next_due() {
    fill();
    return heap_.empty() ? std::nullopt : std::optional{heap_.front().when};
  }
  // Takes the earliest callback due at or before `now`.
  std::optional<Timeline::Callback> take_due(Instant now);
  bool empty() const { return heap_.size() == (is_first_free_ ? 1 : 0); }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  struct Entry {
    Instant when;
    std::uint64_t order = 0;  // of the calls
    std::uint32_t slot = 0;
    bool operator<(const Entry& o) const { return when != o.when ? when < o.when : order < o.order; }
  };
  struct Slot {
    Timeline::Callback callback;
    std::uint32_t use = 0;  // how often it was taken; tells ids of one slot apart
    std::uint32_t at = 0;   // in heap_; of a free one: the next free one
  };
  std::uint32_t free_slot();
  void put(std::size_t at, const Entry& entry);
  void rise(std::size_t at, const Entry& entry);
  void sink(std::size_t at, const Entry& entry);
  Timeline::Callback take(std::size_t at);
  // Puts the last entry in the place of the first, where that is free.
  void fill() {
    if (std::exchange(is_first_free_, false)) remove(0);
  }
  void remove(std::size_t at);

  std::vector<Entry> heap_;  // the children of i: 4 i + 1 to 4 i + 4
  std::vector<Slot> slots_;
  std::uint32_t free_ = kNone;  // the first free slot
  // The first entry was taken: whoever it woke mostly sets its next alarm, which then needs no place made for it.
  bool is_first_free_ = false;
  std::uint64_t last_order_ = 0;
};

}  // namespace base
