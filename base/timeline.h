// Timeline: one of the two ports to the world (the other is harness/transport). Gives the time and wakes at an instant.
// SteadyTimeline (steady_timeline.h) runs on a real clock, VirtualTimeline (virtual_timeline.h) on an event queue, LaneTimeline
// (lane_timeline.h) on many; all pass tests/contract/timeline_contract_test.cc. A timeline and its timers belong to one thread.
#pragma once

#include <cstdint>
#include <utility>

#include "base/callback.h"
#include "base/time.h"

namespace base {

class Timeline;

// A pending wake-up. Destroying or moving over it cancels the wake-up; must not outlive its Timeline.
class Timer {
 public:
  Timer() = default;
  Timer(Timeline& timeline, std::uint64_t id) : timeline_{&timeline}, id_{id} {}
  Timer(Timer&& other) noexcept : timeline_{std::exchange(other.timeline_, nullptr)}, id_{other.id_} {}
  Timer& operator=(Timer&& other) noexcept;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { cancel(); }
  // After this the callback will not run. Idempotent; harmless after it has run.
  void cancel() noexcept;

 private:
  Timeline* timeline_ = nullptr;
  std::uint64_t id_ = 0;
};

class Timeline {
 public:
  using Callback = base::Callback;
  Timeline() = default;
  Timeline(const Timeline&) = delete;
  Timeline& operator=(const Timeline&) = delete;
  virtual ~Timeline() = default;

  // The instant of the current loop turn: constant within one callback.
  virtual Instant now() const = 0;
  // Runs `callback` once, at `when` or as soon after as possible; never inside this call, even when `when` has passed.
  // Equal instants run in the order of the calls.
  [[nodiscard]] virtual Timer call_at(Instant when, Callback callback) = 0;

 private:
  friend class Timer;
  virtual void cancel(std::uint64_t id) noexcept = 0;
};

inline void Timer::cancel() noexcept {
  if (timeline_ != nullptr) std::exchange(timeline_, nullptr)->cancel(id_);
}
inline Timer& Timer::operator=(Timer&& other) noexcept {
  if (this != &other) {
    cancel();
    timeline_ = std::exchange(other.timeline_, nullptr);
    id_ = other.id_;
  }
  return *this;
}

}  // namespace base
