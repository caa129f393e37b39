// Virtual time: jumps to the next due wake-up. Single thread, deterministic; starts at a non-zero instant.
#pragma once

#include <functional>

#include "base/timer_queue.h"

namespace base {

class VirtualTimeline final : public Timeline {
 public:
  static constexpr Instant kStart{std::chrono::seconds{1000}};

  Instant now() const override { return now_; }
  [[nodiscard]] Timer call_at(Instant when, Callback callback) override {
    return {*this, queue_.add(std::max(when, now_), std::move(callback))};
  }

  // Runs everything due up to and including `deadline`, then stands at `deadline`.
  void run_until(Instant deadline);
  // Runs everything due before `when`, then stands at `when`. Requires: `when` has not passed.
  void run_before(Instant when);
  // When the next wake-up is due, if there is any.
  std::optional<Instant> next_due() { return queue_.next_due(); }
  // Runs until nothing is pending or `done()` holds after a callback. Returns: whether `done()` held.
  bool run_until(const std::function<bool()>& done, Instant deadline);

 private:
  bool step(Instant deadline);
  void cancel(std::uint64_t id) noexcept override { queue_.cancel(id); }
  Instant now_ = kStart;
  TimerQueue queue_;
};

}  // namespace base
