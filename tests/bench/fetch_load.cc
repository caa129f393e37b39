#include "tests/bench/fetch_load.h"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/errors.h"
#include "base/steady_timeline.h"

namespace bench {
namespace {

using netem::Descriptor;
constexpr int kTick = 20;  // milliseconds until a thread looks whether it is to leave

Descriptor new_epoll() { return Descriptor{static_cast<int>(base::checked("create an epoll descriptor", epoll_create1(EPOLL_CLOEXEC)))}; }

void watch(const Descriptor& epoll, int fd, std::uint32_t events, std::uint64_t tag) {
  epoll_event event{.events = events, .data = {.u64 = tag}};
  base::checked("watch a socket", epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event));
}

int new_socket(netem::NetworkNamespace& space) {
  return static_cast<int>(
      base::checked("open a socket", space.run([] { return socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); })));
}

void set(int fd, int level, int option, int value) {
  base::checked("set a socket option", setsockopt(fd, level, option, &value, sizeof value));
}

sockaddr_in at(std::uint32_t address) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_addr.s_addr = htonl(address);
  return out;
}

void bind_to(int fd, const sockaddr_in& name) {
  base::checked("bind a socket", bind(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name));
}

}  // namespace

FetchServer::FetchServer(netem::NetworkNamespace& space, std::uint32_t address, base::Bitrate pace)
    : pace_{pace}, listener_{new_socket(space)}, epoll_{new_epoll()}, object_(kObject) {
  set(listener_.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  bind_to(listener_.get(), at(address));
  base::checked("listen", listen(listener_.get(), 4096));
  socklen_t length = sizeof name_;
  base::checked("ask for the port", getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&name_), &length));
  watch(epoll_, listener_.get(), EPOLLIN, static_cast<std::uint64_t>(listener_.get()));
  thread_ = std::thread{[this] { live(); }};
}

FetchServer::~FetchServer() {
  leaving_ = true;
  thread_.join();
}

void FetchServer::live() {
  prctl(PR_SET_NAME, "fetch-server");
  epoll_event events[256];
  while (!leaving_) {
    const int count = epoll_wait(epoll_.get(), events, 256, kTick);
    for (int i = 0; i < count; ++i) {
      const auto fd = static_cast<std::size_t>(events[i].data.u64);
      fd == static_cast<std::size_t>(listener_.get()) ? take_connections() : serve(connections_[fd]);
    }
  }
}

void FetchServer::take_connections() {
  for (int fd = 0; (fd = accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
    const auto index = static_cast<std::size_t>(fd);
    if (connections_.size() <= index) connections_.resize(index + 1);
    connections_[index] = {.socket = Descriptor{fd}};
    set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    if (pace_.bps() > 0) {
      const auto bytes_per_second = static_cast<std::uint64_t>(pace_.bps() / 8);
      setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &bytes_per_second, sizeof bytes_per_second);
    }
    watch(epoll_, fd, EPOLLIN | EPOLLOUT | EPOLLET, index);
  }
}

// Each byte received is a request.
void FetchServer::serve(Connection& connection) {
  char requests[64];
  ssize_t got = 0;
  while ((got = recv(connection.socket.get(), requests, sizeof requests, 0)) > 0) connection.owed += got * kObject;
  if (got == 0) {
    connection = {};
    return;
  }
  while (connection.owed > 0) {
    const auto size = static_cast<std::size_t>(std::min(connection.owed, kObject));
    const ssize_t sent = send(connection.socket.get(), object_.data(), size, MSG_NOSIGNAL);
    if (sent <= 0) return;
    connection.owed -= sent;
  }
}

FetchClients::FetchClients(netem::NetworkNamespace& space, const sockaddr_in& server, const Options& options)
    : epoll_{new_epoll()}, clients_(options.count), room_(256 * 1024) {
  for (std::uint32_t i = 0; i < options.count; ++i) {
    clients_[i].socket = Descriptor{new_socket(space)};
    open(i, server, options.first_address + i);
  }
  thread_ = std::thread{[this, ramp = options.ramp] { live(ramp); }};
}

FetchClients::~FetchClients() {
  leaving_ = true;
  thread_.join();
}

void FetchClients::open(std::uint32_t index, const sockaddr_in& server, std::uint32_t address) {
  const int fd = clients_[index].socket.get();
  set(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  bind_to(fd, at(address));
  if (connect(fd, reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0 && errno != EINPROGRESS) base::checked("connect", -1);
  watch(epoll_, fd, EPOLLIN | EPOLLERR, index);
}

void FetchClients::live(base::Duration ramp) {
  prctl(PR_SET_NAME, "fetch-clients");
  epoll_event events[256];
  const base::Instant began = base::steady_now() + std::chrono::milliseconds{200};  // most are connected by then
  std::size_t started = 0;
  while (!leaving_) {
    const int count = epoll_wait(epoll_.get(), events, 256, started < clients_.size() ? 1 : kTick);
    const double share = ramp.count() == 0 ? 1 : base::to_seconds(base::steady_now() - began) / base::to_seconds(ramp);
    while (started < clients_.size() && static_cast<double>(started) < share * static_cast<double>(clients_.size()) &&
           request(clients_[started]))
      ++started;
    for (int i = 0; i < count; ++i) read_from(clients_[events[i].data.u64]);
  }
}

bool FetchClients::request(Client& client) {
  if (client.socket.get() < 0) return true;
  client.left = kObject;
  const ssize_t sent = send(client.socket.get(), "?", 1, MSG_NOSIGNAL);
  if (sent < 0 && errno == EAGAIN) return false;
  if (sent != 1) ++failed_;
  return true;
}

void FetchClients::read_from(Client& client) {
  const ssize_t got = recv(client.socket.get(), room_.data(), room_.size(), 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) {
    ++failed_;
    client.socket = Descriptor{};
    return;
  }
  bytes_ += got;
  client.left -= got;
  if (client.left <= 0) request(client);
}

}  // namespace bench
