// CurlLoop: readiness and deadlines of all multi handles on one Asio io_context. Every socket lies in one epoll descriptor, which is
// the only one Asio watches, and one alarm serves all shards. A turn does all of libcurl's work first; only then are the
// receivers told (`after_turn`), so no callback of ours ever runs inside libcurl.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/steady_timeline.h"

namespace harness {

class CurlLoop {
 public:
  // One multi handle as the loop sees it.
  class Member {
   public:
    // `fd` and `events` as in epoll_wait.
    virtual void on_ready(int fd, std::uint32_t events) = 0;
    virtual void on_deadline() = 0;

   protected:
    ~Member() = default;
  };

  CurlLoop(boost::asio::io_context& io, base::SteadyTimeline& timeline, std::function<void()> after_turn);

  // Returns the member's index, by which it is known below.
  std::uint32_t join(Member& member);
  void quit(std::uint32_t member);

  // Called from within libcurl: they throw nothing; an error of the kernel's surfaces as RunFailed at the end of the turn.
  void watch(std::uint32_t member, int fd, std::uint32_t events) noexcept;
  void unwatch(int fd) noexcept;
  void wake_after(std::uint32_t member, std::optional<base::Duration> delay) noexcept;

 private:
  struct Seat {
    Member* member = nullptr;
    std::optional<base::Instant> deadline;
  };
  struct Watch {
    std::uint32_t member = 0;
    std::uint32_t events = 0;  // that the kernel looks for; 0: it knows nothing of the socket
    std::uint32_t life = 0;    // how often this descriptor was watched before
  };
  Watch& watch_of(int fd);
  enum class Sockets { kLeave, kServe };
  void turn(Sockets sockets);
  void meet_deadlines();
  void serve_sockets();
  void rearm();
  void arm_alarm();
  void post_turn();

  base::SteadyTimeline& timeline_;
  std::function<void()> after_turn_;
  boost::asio::io_context& io_;
  boost::asio::posix::stream_descriptor epoll_;
  boost::asio::steady_timer alarm_;
  std::vector<Seat> seats_;
  std::vector<Watch> watches_;  // by descriptor
  std::size_t watched_ = 0;
  bool in_turn_ = false;
  bool epoll_armed_ = false;
  bool turn_posted_ = false;
  int kernel_error_ = 0;
  std::optional<base::Instant> alarm_at_;
  std::optional<base::Instant> earliest_;  // no seat's deadline is before it
  std::shared_ptr<CurlLoop*> alive_;       // handlers that Asio still holds when we go find it expired
};

}  // namespace harness
