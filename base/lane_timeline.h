// Virtual time in lanes: wake-ups belong to the lane that asked for them, and each lane runs by itself, as far as it may, before the next
// one does. For those who have nothing in common but what somebody else answers: then none needs to keep step with another, and what one
// lane touches is touched once and not once for each of its wake-ups. A lane that waits for an answer is held at the instant at which that
// has to be here. Single thread, deterministic.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "base/timeline.h"

namespace base {

class LaneTimeline final : public Timeline {
 public:
  // Lane 0 is where everything happens that was begun outside of a lane.
  explicit LaneTimeline(std::size_t lanes = 1);

  // Of the lane that runs.
  Instant now() const override { return now_; }
  [[nodiscard]] Timer call_at(Instant when, Callback callback) override { return {*this, add(std::max(when, now_), std::move(callback))}; }
  // What `act` begins is of that lane, which stands at this instant, too.
  void enter(std::size_t lane, const std::function<void()>& act);
  // The lane that runs does nothing at `when` or later until what is returned is cancelled.
  [[nodiscard]] Timer hold(Instant when) { return {*this, add(std::max(when, now_), {})}; }

  // Runs in each lane what is due before `when`, unless it is held: lane 0 first, then in the order of their numbers. Then it is `when`.
  void run_before(Instant when);
  // The same for the lanes that were let go since, in that order, where run_before() left them.
  void run_on();

 private:
  static constexpr int kSerialBits = 32;
  static constexpr std::uint32_t kNoEntry = ~std::uint32_t{0};
  struct Entry {
    Instant when{};
    std::uint32_t serial = 0;       // ascending within a lane
    std::uint32_t next = kNoEntry;  // of the lane, or of those that are free
    Callback callback{};            // empty: it holds the lane
    bool operator<(const Entry& o) const {
      if (when != o.when) return when < o.when;
      const bool holds = !callback, other_holds = !o.callback;
      return holds != other_holds ? holds : serial < o.serial;
    }
  };
  struct Lane {
    Instant due = Instant::max();   // of the first wake-up; never while that is held up. Not kept while the lane runs
    std::uint32_t last = kNoEntry;  // of its entries, the newest: few, in no order
    std::uint32_t last_serial = 0;
  };
  std::uint64_t add(Instant when, Callback callback);
  void cancel(std::uint64_t id) noexcept override;
  void run(std::size_t lane);
  // Its place; kNoEntry: the lane has none.
  std::uint32_t first(const Lane& lane) const;
  bool is_due(std::uint32_t entry) const { return entry != kNoEntry && entries_[entry].callback; }
  void note_due(std::size_t lane);
  // Out of the lane. Returns: what it calls.
  Callback take(Lane& lane, std::uint32_t entry);

  std::vector<Lane> lanes_;
  std::deque<Entry> entries_;  // of all lanes; each stays in its place
  std::uint32_t free_ = kNoEntry;
  std::vector<std::size_t> let_go_{}, run_on_{};  // the latter is reused
  static constexpr std::size_t kNone = ~std::size_t{0};
  std::size_t current_ = 0;      // lane
  std::size_t running_ = kNone;  // the lane whose wake-ups run
  Instant now_, until_;
};

}  // namespace base
