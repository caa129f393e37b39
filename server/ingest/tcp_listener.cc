#include "server/ingest/tcp_listener.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <map>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/errors.h"
#include "base/steady_timeline.h"

namespace server {
namespace {

constexpr std::size_t kReadBuffer = 256 * 1024;
constexpr const char* kWait = "wait for publishers over TCP";
constexpr int kBacklog = 1024;
constexpr int kSweepMillis = 100;  // how soon a publisher that was taken over is hung up
// After each turn, so that one wake-up and one read, which are most of the work, take what came meanwhile. A third of a picture.
constexpr int kRestMillis = 10;

[[noreturn]] void fail_to_listen(const char* protocol, const TcpListener::Options& options, const std::string& reason) {
  throw base::RunFailed(fmt::format("listen for {} on {}:{} (TCP): {}", protocol, options.host, options.port, reason));
}

// A socket that listens.
int listen_on(const char* protocol, const TcpListener::Options& options) {
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code = getaddrinfo(options.host.c_str(), std::to_string(options.port).c_str(), &hints, &found);
  if (code != 0) fail_to_listen(protocol, options, gai_strerror(code));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses{found, &freeaddrinfo};
  const int socket = ::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  const bool listens = socket >= 0 && setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                       ::bind(socket, found->ai_addr, found->ai_addrlen) == 0 && ::listen(socket, kBacklog) == 0;
  if (listens) return socket;
  const std::string reason = std::generic_category().message(errno);
  if (socket >= 0) ::close(socket);
  fail_to_listen(protocol, options, reason);
}

int port_of(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  base::checked("read the port that is listened on", getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size));
  const bool v6 = address.ss_family == AF_INET6;
  return ntohs(v6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port : reinterpret_cast<sockaddr_in&>(address).sin_port);
}

}  // namespace

// All but the constructor and the destructor is the listener's thread's.
class TcpListener::Impl {
 public:
  Impl(const char* protocol, const Options& options, Make make)
      : options_{options}, make_{std::move(make)}, listener_{listen_on(protocol, options)} {
    base::checked(kWait, watch(listener_.fd()) && watch(stop_.fd()) ? 0 : -1);
    thread_ = std::thread{[this] { run(); }};
  }

  ~Impl() {
    eventfd_write(stop_.fd(), 1);
    thread_.join();
  }

  int port() const { return port_; }

 private:
  bool watch(int fd) const {
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    return epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, fd, &event) == 0;
  }

  void run() {
    std::array<epoll_event, 256> events;
    base::Instant next_sweep = base::steady_now();
    int count = 0;
    while (!is_stopping(count > 0 ? kRestMillis : 0)) {
      count = epoll_wait(epoll_.fd(), events.data(), static_cast<int>(events.size()), kSweepMillis);
      const base::Instant now = base::steady_now();
      for (int i = 0; i < count; ++i) attend(events[static_cast<std::size_t>(i)].data.fd, now);
      if (now >= next_sweep) {
        std::erase_if(connections_, [now](const auto& entry) { return !entry.second->is_wanted(now); });
        next_sweep = now + std::chrono::milliseconds{kSweepMillis};
      }
    }
    connections_.clear();
  }

  // Waits for it.
  bool is_stopping(int milliseconds) const {
    pollfd stop{.fd = stop_.fd(), .events = POLLIN, .revents = 0};
    return ::poll(&stop, 1, milliseconds) > 0;
  }

  // A descriptor that was closed in this turn may be another connection's already, which then has nothing to read.
  void attend(int fd, base::Instant now) {
    if (fd == listener_.fd()) return accept_waiting();
    const auto at = connections_.find(fd);
    if (at != connections_.end() && !at->second->receive(buffer_, now)) connections_.erase(at);
  }

  // Each at a time of its own, so that the oldest is known. Out of descriptors it tries again in the next turn.
  void accept_waiting() {
    for (;;) {
      const int socket = accept4(listener_.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (socket < 0) return;
      const int on = 1;
      setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      auto connection =
          make_(socket, {.publish_timeout = options_.publish_timeout, .idle_timeout = options_.idle_timeout}, base::steady_now());
      if (make_room() && watch(socket)) connections_[socket] = std::move(connection);
    }
  }

  // So many connections that never speak keep no publisher out: the oldest of them gives way.
  bool make_room() {
    if (connections_.size() < options_.most_connections) return true;
    auto oldest = connections_.end();
    for (auto at = connections_.begin(); at != connections_.end(); ++at) {
      if (at->second->is_publishing()) continue;
      if (oldest == connections_.end() || at->second->deadline() < oldest->second->deadline()) oldest = at;
    }
    if (oldest == connections_.end()) return false;
    oldest->second->give_way();
    connections_.erase(oldest);
    return true;
  }

  const Options options_;
  const Make make_;
  const Descriptor listener_;
  const Descriptor epoll_{static_cast<int>(base::checked(kWait, epoll_create1(EPOLL_CLOEXEC)))};
  const Descriptor stop_{static_cast<int>(base::checked(kWait, eventfd(0, EFD_CLOEXEC)))};
  const int port_ = port_of(listener_.fd());
  std::vector<std::uint8_t> buffer_ = std::vector<std::uint8_t>(kReadBuffer);  // for all: what is read is gone at the end of a turn
  std::map<int, std::unique_ptr<TcpPublisher>> connections_;                   // by descriptor
  std::thread thread_;
};

TcpListener::TcpListener(const char* protocol, const Options& options, Make make)
    : impl_{std::make_unique<Impl>(protocol, options, std::move(make))} {}
TcpListener::~TcpListener() = default;
int TcpListener::port() const { return impl_->port(); }

}  // namespace server
