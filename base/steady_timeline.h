// Real time on an Asio io_context: one steady timer armed for the earliest wake-up. Touch it only on the io_context's thread.
// Records how late each wake-up ran, which is the harness's own event-loop lag.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "base/histogram.h"
#include "base/timer_queue.h"

namespace base {

class SteadyTimeline final : public Timeline {
 public:
  explicit SteadyTimeline(boost::asio::io_context& io);

  Instant now() const override { return now_; }
  [[nodiscard]] Timer call_at(Instant when, Callback callback) override;

  // Reads the clock for this loop turn. Event sources other than timers (sockets) call it first thing in their handlers.
  Instant refresh();
  // Calls `then` as soon as the wake-ups that are due now have run. Requires: is_waking(), which they see.
  void when_awake(Callback then) { then_.push_back(std::move(then)); }
  bool is_waking() const { return waking_; }
  // Lateness of wake-ups in seconds.
  const Histogram& lateness() const { return lateness_; }
  // Starts a new measurement of it.
  void reset_lateness() { lateness_ = {}; }
  // UTC tied to now.
  WallAnchor wall_anchor();

 private:
  void cancel(std::uint64_t id) noexcept override { queue_.cancel(id); }
  void arm();
  void run_due();
  void wake_due();
  boost::asio::steady_timer alarm_;
  TimerQueue queue_;
  Instant now_;
  std::optional<Instant> armed_for_;
  bool waking_ = false;
  std::vector<Callback> then_;
  Histogram lateness_;
};

// The real clocks, read here and nowhere else. For code that measures outside a loop (encoder threads, benchmarks).
Instant steady_now();
UtcTime utc_now();

}  // namespace base
