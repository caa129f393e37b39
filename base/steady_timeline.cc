#include "base/steady_timeline.h"

namespace base {

Instant steady_now() { return Instant{std::chrono::steady_clock::now().time_since_epoch()}; }
UtcTime utc_now() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

SteadyTimeline::SteadyTimeline(boost::asio::io_context& io) : alarm_{io}, now_{steady_now()} {}

Instant SteadyTimeline::refresh() { return now_ = std::max(now_, steady_now()); }

WallAnchor SteadyTimeline::wall_anchor() { return {refresh(), utc_now()}; }

Timer SteadyTimeline::call_at(Instant when, Callback callback) {
  const std::uint64_t id = queue_.add(when, std::move(callback));
  if (!waking_ && (!armed_for_ || when < *armed_for_)) arm();
  return {*this, id};
}

void SteadyTimeline::arm() {
  armed_for_ = queue_.next_due();
  if (!armed_for_) return;
  alarm_.expires_at(std::chrono::steady_clock::time_point{armed_for_->time_since_epoch()});
  alarm_.async_wait([this](const boost::system::error_code& error) {
    if (!error) run_due();
  });
}

void SteadyTimeline::wake_due() {
  struct Waking {
    explicit Waking(bool& is) : is_{is} { is_ = true; }
    ~Waking() { is_ = false; }
    bool& is_;
  } waking{waking_};
  const Instant turn = refresh();
  for (std::optional<Instant> due = queue_.next_due(); due && *due <= turn; due = queue_.next_due()) {
    lateness_.add(to_seconds(refresh() - *due));
    (*queue_.take_due(turn))();
  }
}

// Wake-ups added by the callbacks run in a later turn, so that sockets get their share.
void SteadyTimeline::run_due() {
  armed_for_.reset();
  wake_due();
  arm();
  for (const Callback& then : std::exchange(then_, {})) then();
}

}  // namespace base
