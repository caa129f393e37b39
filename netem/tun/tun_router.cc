#include "netem/tun/tun_router.h"

#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

#include "base/errors.h"
#include "base/steady_timeline.h"
#include "netem/tun/forwarder.h"

namespace netem {
namespace {

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

}  // namespace

class TunRouter::Impl {
 public:
  explicit Impl(const Options& options) : options_{options}, forwarder_{options} {
    epoll_ = static_cast<int>(base::checked("create the router's epoll descriptor", epoll_create1(EPOLL_CLOEXEC)));
    bell_ = static_cast<int>(base::checked("create the router's event descriptor", eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)));
    for (const int fd : {bell_, options.players, options.servers}) watch(fd);
    thread_ = std::thread{[this] { live(); }};
  }
  ~Impl() {
    run_inside([this] { leaving_ = true; });
    thread_.join();
    close(bell_);
    close(epoll_);
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
    eventfd_write(bell_, 1);
    return result.get();
  }

  Forwarder& forwarder() { return forwarder_; }

 private:
  void watch(int fd) {
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    base::checked("watch a descriptor of the router", epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event));
  }

  void live() {
    become_prompt(options_.real_time_priority);
    while (!leaving_) {
      wait();
      forwarder_.send_due();
    }
  }

  void wait() {
    epoll_event events[3];
    const timespec timeout = time_to_next();
    const int count = epoll_pwait2(epoll_, events, 3, forwarder_.next_due() ? &timeout : nullptr, nullptr);
    for (int i = 0; i < count; ++i) {
      if (events[i].data.fd == bell_) run_commands();
      if (events[i].data.fd == options_.players) take_from(forwarder_.players());
      if (events[i].data.fd == options_.servers) take_from(forwarder_.servers());
    }
  }

  timespec time_to_next() const {
    const auto next = forwarder_.next_due();
    if (!next) return {};
    const base::Duration left = std::max(base::Duration{}, *next - base::steady_now());
    return {.tv_sec = left.count() / 1'000'000'000, .tv_nsec = left.count() % 1'000'000'000};
  }

  // A device that is gone stays readable for ever: no longer watched, so that the other keeps its pace and commands are answered.
  void take_from(Port& port) {
    forwarder_.take_from(port);
    if (!port.failure().empty()) epoll_ctl(epoll_, EPOLL_CTL_DEL, port.descriptor(), nullptr);
  }

  void run_commands() {
    eventfd_t rung = 0;
    eventfd_read(bell_, &rung);
    std::vector<std::function<void()>> commands;
    {
      const std::lock_guard lock{mutex_};
      commands.swap(commands_);
    }
    for (const auto& command : commands) command();
  }

  Options options_;
  Forwarder forwarder_;
  int epoll_ = -1;
  int bell_ = -1;  // rings when there are commands
  std::mutex mutex_;
  std::vector<std::function<void()>> commands_;
  bool leaving_ = false;  // the thread's own
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
