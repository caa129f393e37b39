#include "server/ingest/srt_listener.h"

#include <fmt/format.h>
#include <netdb.h>
#include <srt/srt.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "base/ensure.h"
#include "base/errors.h"
#include "base/steady_timeline.h"
#include "server/ingest/admission.h"

namespace server {
namespace {

constexpr int kBacklog = 64;
constexpr int kCriticalOnly = 2;          // syslog's LOG_CRIT: libsrt prints every refusal otherwise
constexpr std::int64_t kWaitMillis = 50;  // how soon the thread sees that it is to stop
constexpr std::size_t kLargestMessage = 1500;
constexpr std::size_t kQueueCapacity = 2 << 20;  // some seconds: a decoder further behind loses bytes, not time

class SrtLibrary {
 public:
  SrtLibrary() {
    srt_startup();
    srt_setloglevel(kCriticalOnly);
  }
  ~SrtLibrary() { srt_cleanup(); }
  SrtLibrary(const SrtLibrary&) = delete;
  SrtLibrary& operator=(const SrtLibrary&) = delete;
};

class SrtSocket {
 public:
  explicit SrtSocket(SRTSOCKET socket) : socket_{socket} {}
  ~SrtSocket() { srt_close(socket_); }
  SrtSocket(const SrtSocket&) = delete;
  SrtSocket& operator=(const SrtSocket&) = delete;
  SRTSOCKET id() const { return socket_; }

 private:
  SRTSOCKET socket_;
};

class Epoll {
 public:
  Epoll() : id_{srt_epoll_create()} {}
  ~Epoll() { srt_epoll_release(id_); }
  Epoll(const Epoll&) = delete;
  Epoll& operator=(const Epoll&) = delete;
  void add(SRTSOCKET socket) {
    const int events = SRT_EPOLL_IN | SRT_EPOLL_ERR;
    srt_epoll_add_usock(id_, socket, &events);
  }
  std::vector<SRT_EPOLL_EVENT> wait() {
    std::vector<SRT_EPOLL_EVENT> ready(32);
    const int count = srt_epoll_uwait(id_, ready.data(), static_cast<int>(ready.size()), kWaitMillis);
    ready.resize(static_cast<std::size_t>(std::clamp(count, 0, static_cast<int>(ready.size()))));
    return ready;
  }

 private:
  int id_;
};

void bind_to(SRTSOCKET socket, const std::string& host, int port) {
  const auto fail = [&](const std::string& reason) {
    throw base::RunFailed(fmt::format("listen for SRT on {}:{} (UDP): {}", host, port, reason));
  };
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE;
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (const int code = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); code != 0) fail(gai_strerror(code));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses{found, &freeaddrinfo};
  if (srt_bind(socket, found->ai_addr, static_cast<int>(found->ai_addrlen)) == SRT_ERROR) fail(srt_getlasterror_str());
}

int bound_port(SRTSOCKET socket) {
  sockaddr_storage address{};
  int size = sizeof address;
  srt_getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  const bool v6 = address.ss_family == AF_INET6;
  return ntohs(v6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port : reinterpret_cast<sockaddr_in&>(address).sin_port);
}

std::string streamid_of(SRTSOCKET socket) {
  std::array<char, 513> text{};
  int size = static_cast<int>(text.size()) - 1;
  if (srt_getsockflag(socket, SRTO_STREAMID, text.data(), &size) == SRT_ERROR) return {};
  return {text.data(), static_cast<std::size_t>(size)};
}

struct Connection {
  std::shared_ptr<SrtSocket> socket;
  std::shared_ptr<ByteQueue> bytes;
  std::string user;
  base::Instant last_bytes;
};

struct Point {
  std::string key;
  ConnectionTaker* taker;
  std::optional<Connection> connection;
};

}  // namespace

// libsrt is never called with the mutex held: its receiver thread calls `ask` with locks of its own. Hence a connection that is let
// go is declared before the lock, so that its socket closes after it.
class SrtListener::Impl {
 public:
  Impl(const std::string& host, int port) : listener_{srt_create_socket()} {
    const bool off = false;
    srt_setsockflag(listener_.id(), SRTO_RCVSYN, &off, sizeof off);
    srt_setsockflag(listener_.id(), SRTO_SNDSYN, &off, sizeof off);
    srt_setsockflag(listener_.id(), SRTO_REUSEADDR, &off, sizeof off);
    bind_to(listener_.id(), host, port);
    port_ = bound_port(listener_.id());
    srt_listen_callback(listener_.id(), &Impl::ask, this);
    if (srt_listen(listener_.id(), kBacklog) == SRT_ERROR) {
      throw base::RunFailed(fmt::format("listen for SRT on {}:{} (UDP): {}", host, port, srt_getlasterror_str()));
    }
    epoll_.add(listener_.id());
    thread_ = std::thread{[this] { run(); }};
  }

  ~Impl() {
    stopping_ = true;
    thread_.join();
  }

  int port() const { return port_; }

  void open_point(const std::string& name, std::string key, ConnectionTaker& taker) {
    const std::lock_guard lock{mutex_};
    ENSURE(points_.try_emplace(name, Point{std::move(key), &taker, std::nullopt}).second);
  }

  void close_point(const std::string& name) {
    std::optional<Connection> dropped;
    const std::lock_guard lock{mutex_};
    const auto at = points_.find(name);
    if (at == points_.end()) return;
    dropped = release(at->second);
    points_.erase(at);
  }

 private:
  static int ask(void* self, SRTSOCKET socket, int, const sockaddr*, const char* streamid) {
    auto& impl = *static_cast<Impl*>(self);
    std::optional<Refusal> refusal;
    {
      const std::lock_guard lock{impl.mutex_};
      refusal = impl.consider(parse_streamid(streamid == nullptr ? "" : streamid));
    }
    if (!refusal) return 0;
    srt_setrejectreason(socket, static_cast<int>(*refusal));
    return -1;
  }

  // Requires: mutex_ is held.
  std::optional<Refusal> consider(const base::Result<StreamId>& id) {
    const auto at = id.has_value() ? points_.find(id->resource) : points_.end();
    if (at == points_.end()) return admission(id, nullptr);
    PublishPoint point{.key = at->second.key, .publisher = std::nullopt};
    if (const auto& now = at->second.connection) point.publisher = {now->user, base::steady_now() - now->last_bytes};
    return admission(id, &point);
  }

  void run() {
    while (!stopping_) {
      for (const SRT_EPOLL_EVENT& event : epoll_.wait()) {
        if (event.fd == listener_.id()) {
          accept_waiting();
        } else {
          receive(event.fd);
        }
      }
    }
    std::vector<std::optional<Connection>> dropped;
    const std::lock_guard lock{mutex_};
    for (auto& [name, point] : points_) dropped.push_back(release(point));
  }

  void accept_waiting() {
    for (;;) {
      const SRTSOCKET accepted = srt_accept(listener_.id(), nullptr, nullptr);
      if (accepted == SRT_INVALID_SOCK) return;
      welcome(std::make_shared<SrtSocket>(accepted));
    }
  }

  // Asks again: another caller may have come first since the handshake.
  void welcome(std::shared_ptr<SrtSocket> socket) {
    const base::Result<StreamId> id = parse_streamid(streamid_of(socket->id()));
    std::optional<Connection> ghost;
    {
      const std::lock_guard lock{mutex_};
      if (consider(id)) return;
      Point& point = points_.find(id->resource)->second;
      ghost = release(point);
      auto bytes = std::make_shared<ByteQueue>(kQueueCapacity);
      point.connection = Connection{socket, bytes, id->user, base::steady_now()};
      by_socket_[socket->id()] = id->resource;
      point.taker->take(std::move(bytes));
    }
    epoll_.add(socket->id());
  }

  void receive(SRTSOCKET socket) {
    std::array<char, kLargestMessage> message;
    for (;;) {
      const int size = srt_recvmsg(socket, message.data(), static_cast<int>(message.size()));
      if (size > 0 && deliver(socket, {message.data(), static_cast<std::size_t>(size)})) continue;
      if (size == SRT_ERROR && srt_getlasterror(nullptr) == SRT_EASYNCRCV) return;
      drop(socket);
      return;
    }
  }

  // False: nobody reads this connection any more.
  bool deliver(SRTSOCKET socket, std::span<const char> bytes) {
    const std::lock_guard lock{mutex_};
    Point* point = point_of(socket);
    if (point == nullptr) return false;
    point->connection->last_bytes = base::steady_now();
    return point->connection->bytes->push(bytes) || !point->connection->bytes->is_closed();
  }

  void drop(SRTSOCKET socket) {
    std::optional<Connection> dropped;
    const std::lock_guard lock{mutex_};
    if (Point* point = point_of(socket)) dropped = release(*point);
  }

  Point* point_of(SRTSOCKET socket) {
    const auto at = by_socket_.find(socket);
    return at == by_socket_.end() ? nullptr : &points_.find(at->second)->second;
  }

  // Requires: mutex_ is held. The socket closes when the caller lets go of the result.
  std::optional<Connection> release(Point& point) {
    if (!point.connection) return std::nullopt;
    by_socket_.erase(point.connection->socket->id());
    point.connection->bytes->close();
    return std::exchange(point.connection, std::nullopt);
  }

  SrtLibrary library_;
  SrtSocket listener_;
  Epoll epoll_;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::map<std::string, Point> points_;
  std::map<SRTSOCKET, std::string> by_socket_;
  std::thread thread_;
};

SrtListener::SrtListener(const std::string& host, int port) : impl_{std::make_unique<Impl>(host, port)} {}
SrtListener::~SrtListener() = default;
int SrtListener::port() const { return impl_->port(); }
void SrtListener::open_point(const std::string& name, std::string key, ConnectionTaker& taker) {
  impl_->open_point(name, std::move(key), taker);
}
void SrtListener::close_point(const std::string& name) { impl_->close_point(name); }

}  // namespace server
