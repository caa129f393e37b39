#include "harness/transport/curl_loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>

#include "base/errors.h"

namespace harness {
namespace {

constexpr int kEventsPerTurn = 32;  // about 1 ms of reading; then the players' wake-ups get their chance

constexpr int kDeadlineRounds = 4;

std::uint64_t packed(std::uint32_t life, int fd) { return std::uint64_t{life} << 32 | static_cast<std::uint32_t>(fd); }

}  // namespace

CurlLoop::CurlLoop(boost::asio::io_context& io, base::SteadyTimeline& timeline, std::function<void()> after_turn)
    : timeline_{timeline},
      after_turn_{std::move(after_turn)},
      io_{io},
      epoll_{io, static_cast<int>(base::checked("create an epoll descriptor", epoll_create1(EPOLL_CLOEXEC)))},
      alarm_{io},
      alive_{std::make_shared<CurlLoop*>(this)} {}

std::uint32_t CurlLoop::join(Member& member) {
  std::uint32_t index = 0;
  while (index < seats_.size() && seats_[index].member != nullptr) ++index;
  if (index == seats_.size()) seats_.emplace_back();
  seats_[index] = {.member = &member, .deadline = std::nullopt};
  return index;
}

void CurlLoop::quit(std::uint32_t member) { seats_[member] = {}; }

CurlLoop::Watch& CurlLoop::watch_of(int fd) {
  const auto place = static_cast<std::size_t>(fd);
  if (place >= watches_.size()) watches_.resize(place + 1);
  return watches_[place];
}

void CurlLoop::watch(std::uint32_t member, int fd, std::uint32_t events) noexcept {
  Watch& watch = watch_of(fd);
  const bool known = watch.events != 0;
  if (!known) ++watched_;
  watch.member = member;
  watch.events = events;
  epoll_event event{};
  event.events = events;
  event.data.u64 = packed(watch.life, fd);
  if (epoll_ctl(epoll_.native_handle(), known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) != 0) kernel_error_ = errno;
  if (!in_turn_ && !epoll_armed_) post_turn();
}

// Between requests the kernel knows nothing of a socket: libcurl closes some without a word (CurlShard::Socket), and what was remembered
// of them would be taken for their successors'.
void CurlLoop::unwatch(int fd) noexcept {
  Watch& watch = watch_of(fd);
  if (watch.events == 0) return;
  epoll_ctl(epoll_.native_handle(), EPOLL_CTL_DEL, fd, nullptr);
  watch.events = 0;
  ++watch.life;
  if (--watched_ == 0 && !in_turn_) post_turn();  // to let go of the io_context
}

void CurlLoop::wake_after(std::uint32_t member, std::optional<base::Duration> delay) noexcept {
  Seat& seat = seats_[member];
  seat.deadline.reset();
  if (!delay) return;
  seat.deadline = timeline_.now() + *delay;
  if (!earliest_ || *seat.deadline < *earliest_) earliest_ = seat.deadline;
  if (!in_turn_) post_turn();
}

void CurlLoop::post_turn() {
  if (std::exchange(turn_posted_, true)) return;
  auto begin = [alive = std::weak_ptr{alive_}] {
    const auto loop = alive.lock();
    if (!loop) return;
    (*loop)->turn_posted_ = false;
    (*loop)->turn(Sockets::kLeave);
  };
  timeline_.is_waking() ? timeline_.when_awake(std::move(begin)) : boost::asio::post(io_, std::move(begin));
}

void CurlLoop::turn(Sockets sockets) {
  timeline_.refresh();
  in_turn_ = true;
  meet_deadlines();
  if (sockets == Sockets::kServe) {
    serve_sockets();
    meet_deadlines();
  }
  in_turn_ = false;
  if (kernel_error_ != 0) throw base::RunFailed(std::string{"watch a connection: "} + std::strerror(kernel_error_));
  rearm();
  after_turn_();
}

// libcurl's timers fire once. Rounds, because meeting one deadline may set the next at once.
void CurlLoop::meet_deadlines() {
  const base::Instant now = timeline_.now();
  for (int round = 0; round < kDeadlineRounds && earliest_ && *earliest_ <= now; ++round) {
    earliest_.reset();
    for (std::size_t i = 0; i < seats_.size(); ++i) {
      if (!seats_[i].deadline) continue;
      if (*seats_[i].deadline > now) {
        if (!earliest_ || *seats_[i].deadline < *earliest_) earliest_ = seats_[i].deadline;
      } else {
        seats_[i].deadline.reset();
        seats_[i].member->on_deadline();
      }
    }
  }
}

void CurlLoop::serve_sockets() {
  std::array<epoll_event, kEventsPerTurn> events;
  const int count = epoll_wait(epoll_.native_handle(), events.data(), kEventsPerTurn, 0);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    const auto fd = static_cast<int>(event.data.u64 & 0xFFFFFFFF);
    const Watch& watch = watch_of(fd);
    if (packed(watch.life, fd) != event.data.u64) continue;  // an earlier event of this batch ended the watch
    seats_[watch.member].member->on_ready(fd, event.events);
  }
}

void CurlLoop::rearm() {
  if (watched_ == 0 && epoll_armed_) epoll_.cancel();
  if (watched_ > 0 && !epoll_armed_) {
    epoll_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                      [alive = std::weak_ptr{alive_}](const boost::system::error_code& error) {
                        const auto loop = alive.lock();
                        if (!loop) return;
                        (*loop)->epoll_armed_ = false;
                        error ? (*loop)->rearm() : (*loop)->turn(Sockets::kServe);
                      });
    epoll_armed_ = true;
  }
  arm_alarm();
}

void CurlLoop::arm_alarm() {
  if (watched_ == 0 && std::none_of(seats_.begin(), seats_.end(), [](const Seat& seat) { return seat.deadline.has_value(); })) {
    earliest_.reset();
    alarm_at_.reset();
    alarm_.cancel();
  }
  if (!earliest_ || earliest_ == alarm_at_) return;
  if (alarm_at_ && *alarm_at_ < *earliest_) return;  // it will ring too early, find nothing due and be set anew
  alarm_at_ = earliest_;
  alarm_.expires_at(std::chrono::steady_clock::time_point{alarm_at_->time_since_epoch()});
  alarm_.async_wait([alive = std::weak_ptr{alive_}](const boost::system::error_code& error) {
    const auto loop = alive.lock();
    if (!loop || error) return;
    (*loop)->alarm_at_.reset();
    (*loop)->turn(Sockets::kLeave);
  });
}

}  // namespace harness
