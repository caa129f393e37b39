#include "generators/feed/feed.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

#include "base/random.h"
#include "base/steady_timeline.h"
#include "generators/feed/clip.h"
#include "generators/feed/srt_caller.h"
#include "generators/feed/timecode_sei.h"
#include "generators/feed/ts_muxer.h"

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

// The public functions only change what is wanted and wake the thread, which does everything else. `mutex_` guards the members
// down to `stats_`; the others belong to the thread.
class Feed::Impl {
 public:
  explicit Impl(Options options)
      : options_{std::move(options)},
        target_{srt_target(options_)},
        clip_{options_.file},
        loss_{base::Random::stream(1, "loss")},
        thread_{[this] { run(); }} {}

  ~Impl() {
    {
      const std::lock_guard lock{mutex_};
      is_ending_ = true;
      is_wanted_ = false;
    }
    wake_.notify_all();
    thread_.join();
  }

  void start() {
    const std::lock_guard lock{mutex_};
    if (!origin_) origin_ = base::steady_now();
    is_wanted_ = true;
    wake_.notify_all();
  }

  void stop() {
    std::unique_lock lock{mutex_};
    is_wanted_ = false;
    wake_.notify_all();
    idle_.wait(lock, [this] { return !is_busy_; });
  }

  void degrade(double packet_loss) {
    const std::lock_guard lock{mutex_};
    packet_loss_ = std::clamp(packet_loss, 0.0, 1.0);
  }

  Stats stats() const {
    const std::lock_guard lock{mutex_};
    return stats_;
  }

 private:
  void run() {
    if (!settle_in()) return;
    std::unique_lock lock{mutex_};
    for (;;) {
      wake_.wait(lock, [this] { return is_wanted_ || is_ending_; });
      if (is_ending_) return;
      is_busy_ = true;
      lock.unlock();
      keep_connected();
      lock.lock();
      is_busy_ = false;
      stats_.last_error.clear();
      idle_.notify_all();
    }
  }

  bool settle_in() {
    try {
      if (options_.on_thread) options_.on_thread();
      return true;
    } catch (const std::exception& failure) {
      note(failure.what());
      return false;
    }
  }

  void keep_connected() {
    do {
      try {
        connect_and_send();
      } catch (const std::exception& failure) {
        note(failure.what());
      }
      const std::lock_guard lock{mutex_};
      stats_.connected = false;
    } while (pause(kRetryAfter));
  }

  void connect_and_send() {
    SrtCaller caller{target_, options_};
    while (caller.state() == SrtCaller::State::kConnecting)
      if (!pause(kConnectPoll)) return;
    if (caller.state() == SrtCaller::State::kConnected) {
      {
        const std::lock_guard lock{mutex_};
        stats_.connected = true;
        ++stats_.connects;
        stats_.last_error.clear();
      }
      send_until_stopped(caller);
    }
    if (caller.state() == SrtCaller::State::kLost) note(caller.reason());
  }

  void send_until_stopped(SrtCaller& caller) {
    bool keeps_up = true;
    TsMuxer muxer{clip_, [&](std::span<const std::uint8_t> payload) { keeps_up &= caller.send(payload); }};
    const base::WallAnchor anchor{base::steady_now(), base::utc_now()};
    clip_.seek(position());
    for (;;) {
      Unit unit = clip_.next();
      const base::Instant due = *origin_ + unit.dts;
      if (!pause(due - base::steady_now()) || caller.state() != SrtCaller::State::kConnected) return;
      if (base::steady_now() - due > kTooLate) {
        clip_.seek(position());
        continue;
      }
      if (unit.is_video && is_lost()) continue;
      if (unit.is_video) unit.bytes = with_timecode(unit.bytes, anchor.utc_at(due));
      keeps_up = true;
      muxer.write(unit);
      count(unit, keeps_up);
    }
  }

  base::Duration position() const { return std::max(base::Duration::zero(), base::steady_now() - *origin_ - kCatchUp); }

  // Waits on the condition variable; false as soon as the feed is no longer wanted.
  bool pause(base::Duration time) {
    std::unique_lock lock{mutex_};
    return !wake_.wait_for(lock, time, [this] { return !is_wanted_; });
  }

  bool is_lost() {
    const std::lock_guard lock{mutex_};
    return loss_.chance(packet_loss_);
  }

  void count(const Unit& unit, bool keeps_up) {
    const std::lock_guard lock{mutex_};
    if (unit.is_video) ++stats_.frames_sent;
    if (!keeps_up)
      stats_.last_error = target_.name + ": packets were dropped because the receiver does not keep up";
    else if (unit.is_video)
      stats_.last_error.clear();
  }

  void note(std::string error) {
    const std::lock_guard lock{mutex_};
    stats_.last_error = std::move(error);
  }

  mutable std::mutex mutex_;
  std::condition_variable wake_, idle_;
  bool is_wanted_ = false, is_ending_ = false, is_busy_ = false;
  double packet_loss_ = 0;
  Stats stats_;
  std::optional<base::Instant> origin_;  // of the first start; written once, before the thread is first woken
  Options options_;
  SrtLibrary library_;
  SrtTarget target_;
  Clip clip_;
  base::Random loss_;
  std::thread thread_;
};

Feed::Feed(Options options) : impl_{std::make_unique<Impl>(std::move(options))} {}
Feed::~Feed() = default;
void Feed::start() { impl_->start(); }
void Feed::stop() { impl_->stop(); }
void Feed::degrade(double packet_loss) { impl_->degrade(packet_loss); }
Feed::Stats Feed::stats() const { return impl_->stats(); }

}  // namespace generators
