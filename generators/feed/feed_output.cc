#include "generators/feed/feed_output.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/steady_timeline.h"
#include "generators/feed/timecode_sei.h"

namespace generators {
namespace {

using namespace std::chrono_literals;
constexpr base::Duration kRetryAfter = 500ms;
constexpr base::Duration kConnectPoll = 10ms;
// A connection that has just been made may begin with a key frame this old and catch up, instead of waiting for the next one.
constexpr base::Duration kCatchUp = 300ms;
// Later than this (the machine slept), the feed jumps to where the wall clock is.
constexpr base::Duration kTooLate = 2s;

}  // namespace

FeedOutput::FeedOutput(const std::string& file, const Destination& destination, std::function<void()> on_thread)
    : destination_{destination}, endpoint_{look_up(destination)}, on_thread_{std::move(on_thread)}, clip_{file}, thread_{[this] {
        run();
      }} {}

FeedOutput::~FeedOutput() {
  {
    const std::lock_guard lock{mutex_};
    is_ending_ = true;
    is_wanted_ = false;
  }
  wake_.notify_all();
  thread_.join();
}

void FeedOutput::apply(const FeedCommand& command, base::Duration at, const std::optional<FeedClock>& clock) {
  const std::lock_guard lock{mutex_};
  if (!clock_) clock_ = clock;
  if (std::holds_alternative<FeedStart>(command)) {
    is_wanted_ = true;
  } else if (std::holds_alternative<FeedStop>(command) || std::holds_alternative<FeedKill>(command)) {
    if (is_wanted_) says_goodbye_ = std::holds_alternative<FeedStop>(command);
    is_wanted_ = false;
  } else if (std::holds_alternative<FeedRestart>(command)) {
    begins_at_zero_ = true;
    is_leaving_ = is_wanted_;
  } else {
    due_.push_back({at, command});
  }
  wake_.notify_all();
}

void FeedOutput::settle() {
  std::unique_lock lock{mutex_};
  idle_.wait(lock, [this] { return is_wanted_ || !is_busy_; });
}

Feed::Stats FeedOutput::stats() const {
  const std::lock_guard lock{mutex_};
  return stats_;
}

void FeedOutput::run() {
  if (!settle_in()) return;
  std::unique_lock lock{mutex_};
  for (;;) {
    wake_.wait(lock, [this] { return is_wanted_ || is_ending_; });
    if (is_ending_) return;
    is_busy_ = true;
    says_goodbye_ = true;
    lock.unlock();
    keep_connected();
    lock.lock();
    is_busy_ = false;
    stats_.last_error.clear();
    idle_.notify_all();
  }
}

bool FeedOutput::settle_in() {
  try {
    if (on_thread_) on_thread_();
    return true;
  } catch (const std::exception& failure) {
    note(failure.what());
    return false;
  }
}

void FeedOutput::keep_connected() {
  for (bool is_wanted = true; is_wanted;) {
    try {
      connect_and_send();
    } catch (const std::exception& failure) {
      note(failure.what());
    }
    std::unique_lock lock{mutex_};
    stats_.connected = false;
    wake_.wait_for(lock, kRetryAfter, [this] { return !is_wanted_ || is_leaving_; });
    is_leaving_ = false;
    is_wanted = is_wanted_;
  }
}

void FeedOutput::connect_and_send() {
  const std::unique_ptr<Outlet> outlet = make_outlet(destination_, endpoint_, clip_);
  while (outlet->state() == Outlet::State::kConnecting && pause(kConnectPoll)) {
  }
  if (outlet->state() == Outlet::State::kConnected) {
    {
      const std::lock_guard lock{mutex_};
      stats_.connected = true;
      ++stats_.connects;
      stats_.last_error.clear();
    }
    send_until_stopped(*outlet);
  }
  if (outlet->state() == Outlet::State::kLost) note(outlet->reason());
  const std::lock_guard lock{mutex_};
  if (!std::exchange(says_goodbye_, true)) outlet->vanish();
}

void FeedOutput::send_until_stopped(Outlet& outlet) {
  clip_.seek(position());
  disturbance_.begin();
  for (bool is_first = true;;) {
    Unit unit = clip_.next();
    const base::Instant due = clock_->origin + unit.dts;
    if (!pause(due - base::steady_now()) || outlet.state() != Outlet::State::kConnected) return;
    if (base::steady_now() - due > kTooLate) {
      clip_.seek(position());
      disturbance_.begin();
      continue;
    }
    if (std::exchange(is_first, false)) set_out(outlet, unit);
    obey(outlet, unit);
    std::optional<Unit> sent = disturbance_.pass(std::move(unit));
    if (!sent) continue;
    if (sent->is_video) sent->bytes = with_timecode(sent->bytes, clock_->anchor.utc_at(due));
    count(*sent, outlet.send(*sent));
  }
}

// Timestamps go on over a loss of the connection, and begin at zero after a restart.
void FeedOutput::set_out(Outlet& outlet, const Unit& first) {
  const std::lock_guard lock{mutex_};
  shift_ = std::exchange(begins_at_zero_, false) ? -first.dts : std::max(shift_, -first.dts);
  outlet.shift(shift_);
}

void FeedOutput::obey(Outlet& outlet, const Unit& unit) {
  for (const FeedCommand& command : take_due(unit.dts)) {
    if (const auto* jump = std::get_if<FeedJump>(&command)) {
      shift_ = std::max(shift_ + jump->by, -unit.dts);
      outlet.shift(shift_);
    } else {
      disturbance_.apply(command);
    }
  }
}

std::vector<FeedCommand> FeedOutput::take_due(base::Duration position) {
  const std::lock_guard lock{mutex_};
  const auto later = std::find_if(due_.begin(), due_.end(), [position](const Due& due) { return due.at > position; });
  std::vector<FeedCommand> commands;
  for (auto due = due_.begin(); due != later; ++due) commands.push_back(due->command);
  due_.erase(due_.begin(), later);
  return commands;
}

base::Duration FeedOutput::position() const { return std::max(base::Duration::zero(), base::steady_now() - clock_->origin - kCatchUp); }

// Waits on the condition variable; false as soon as this connection is no longer wanted.
bool FeedOutput::pause(base::Duration time) {
  std::unique_lock lock{mutex_};
  return !wake_.wait_for(lock, time, [this] { return !is_wanted_ || is_leaving_; });
}

void FeedOutput::count(const Unit& unit, bool keeps_up) {
  const std::lock_guard lock{mutex_};
  if (unit.is_video) ++stats_.frames_sent;
  if (!keeps_up)
    stats_.last_error = endpoint_.name + ": packets were dropped because the receiver does not keep up";
  else if (unit.is_video)
    stats_.last_error.clear();
}

void FeedOutput::note(std::string error) {
  const std::lock_guard lock{mutex_};
  stats_.last_error = std::move(error);
}

}  // namespace generators
