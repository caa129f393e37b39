#include "netem/tun/tun_router.h"

#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

#include "base/errors.h"
#include "base/steady_timeline.h"
#include "netem/tun/forwarder.h"

namespace netem {
namespace {

// A turn that handled this many frames came from a busy router; its next one begins a while later, so that the cost of waking (and
// the kernel's, for each thread that it wakes) is shared by more frames: with it a packet costs the router a quarter less. A packet waits
// half of it on average.
constexpr std::size_t kBusy = 4;
constexpr base::Duration kTurn = std::chrono::microseconds{100};

base::Duration own_cpu_time() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec};
}

// Wakes as exactly as the kernel can; ahead of others where that is permitted.
void become_prompt(int real_time_priority) {
  prctl(PR_SET_NAME, "tun-router");
  prctl(PR_SET_TIMERSLACK, 1UL);  // nanoseconds
  const sched_param priority{.sched_priority = real_time_priority};
  if (real_time_priority > 0) pthread_setschedparam(pthread_self(), SCHED_FIFO, &priority);
}

// Closes its descriptor.
class Handle {
 public:
  explicit Handle(std::int64_t fd) : fd_{static_cast<int>(fd)} {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { close(fd_); }
  int get() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

class TunRouter::Impl {
 public:
  explicit Impl(const Options& options)
      : options_{options},
        forwarder_{options},
        epoll_{base::checked("create the router's epoll descriptor", epoll_create1(EPOLL_CLOEXEC))},
        bell_{base::checked("create the router's event descriptor", eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))} {
    for (const int fd : {bell_.get(), options.players, options.servers}) watch(fd);
    thread_ = std::thread{[this] { live(); }};
  }
  ~Impl() {
    run_inside([this] { leaving_ = true; });
    thread_.join();
  }

  // Runs `work` between two turns of the router's thread, and waits for it.
  template <class Work>
  std::invoke_result_t<Work> run_inside(Work work) {
    std::packaged_task<std::invoke_result_t<Work>()> task{std::move(work)};
    auto result = task.get_future();
    {
      const std::lock_guard lock{mutex_};
      commands_.emplace_back([&task] { task(); });
    }
    eventfd_write(bell_.get(), 1);
    return result.get();
  }

  Forwarder& forwarder() { return forwarder_; }

 private:
  void watch(int fd) {
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    base::checked("watch a descriptor of the router", epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event));
  }

  void live() {
    become_prompt(options_.real_time_priority);
    while (!leaving_) {
      wait();
      const base::Instant began = base::steady_now();
      const std::size_t frames = read_ready() + forwarder_.send_due();
      if (frames >= kBusy) earliest_turn_ = began + kTurn;
    }
  }

  // Until something can be read or is due; a busy router's next turn waits for more to come together.
  void wait() {
    timespec timeout = from_now(earliest_turn_);
    if (timeout.tv_sec > 0 || timeout.tv_nsec > 0) clock_nanosleep(CLOCK_MONOTONIC, 0, &timeout, nullptr);
    const auto next = forwarder_.next_due();
    if (next) timeout = from_now(*next);
    ready_ = epoll_pwait2(epoll_.get(), events_, 3, next ? &timeout : nullptr, nullptr);
  }

  static timespec from_now(base::Instant at) {
    const base::Duration left = std::max(base::Duration{}, at - base::steady_now());
    return {.tv_sec = left.count() / 1'000'000'000, .tv_nsec = left.count() % 1'000'000'000};
  }

  std::size_t read_ready() {
    std::size_t frames = 0;
    for (int i = 0; i < ready_; ++i) {
      if (events_[i].data.fd == bell_.get()) run_commands();
      if (events_[i].data.fd == options_.players) frames += take_from(forwarder_.players());
      if (events_[i].data.fd == options_.servers) frames += take_from(forwarder_.servers());
    }
    return frames;
  }

  // A device that is gone stays readable for ever: no longer watched, so that the other keeps its pace and commands are answered.
  std::size_t take_from(Port& port) {
    const std::size_t frames = forwarder_.take_from(port);
    if (!port.failure().empty()) epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, port.descriptor(), nullptr);
    return frames;
  }

  void run_commands() {
    eventfd_t rung = 0;
    eventfd_read(bell_.get(), &rung);
    std::vector<std::function<void()>> commands;
    {
      const std::lock_guard lock{mutex_};
      commands.swap(commands_);
    }
    for (const auto& command : commands) command();
  }

  Options options_;
  Forwarder forwarder_;
  Handle epoll_;
  Handle bell_;  // rings when there are commands
  std::mutex mutex_;
  std::vector<std::function<void()>> commands_;
  // The thread's own.
  bool leaving_ = false;
  epoll_event events_[3]{};
  int ready_ = 0;
  base::Instant earliest_turn_{};
  std::thread thread_;
};

TunRouter::TunRouter(const Options& options) : impl_{std::make_unique<Impl>(options)} {}
TunRouter::~TunRouter() = default;

void TunRouter::plug(const PlayerLink& player) {
  impl_->run_inside([&] { impl_->forwarder().plug(player); });
}
LinkReading TunRouter::unplug(Ipv4 address) {
  return impl_->run_inside([&] { return impl_->forwarder().unplug(address); });
}
LinkReading TunRouter::read(Ipv4 address) {
  return impl_->run_inside([&] { return impl_->forwarder().read(address); });
}
BackendStats TunRouter::stats() {
  return impl_->run_inside([&] {
    BackendStats out = impl_->forwarder().stats();
    out.cpu = own_cpu_time();
    return out;
  });
}
void TunRouter::measure_from() {
  impl_->run_inside([&] { impl_->forwarder().measure_from(); });
}

}  // namespace netem
