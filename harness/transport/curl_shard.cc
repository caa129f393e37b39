#include "harness/transport/curl_shard.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>

#include "base/ensure.h"

namespace harness {
namespace {

// Idle connections a multi handle may hold. libcurl's default depends on the transfers that run, so viewers would lose theirs.
constexpr long kMostConnections = CurlShard::kViewers * 8;

constexpr base::ViewerId kNobody{0xFFFF'FFFF};

}  // namespace

CurlShard::CurlShard(CurlLoop& loop, CurlNews& news, const CurlSocketHooks& hooks)
    : loop_{loop},
      news_{news},
      hooks_{hooks},
      seat_{loop.join(*this)},
      multi_{owned<CurlMulti>(curl_multi_init(), "open a group of viewers")} {
  curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, kMostConnections);
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &CurlShard::on_socket);
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, &CurlShard::on_timer);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this);
}

CurlShard::~CurlShard() {
  while (!jobs_.empty()) close_unused(jobs_.back().fd);
  idle_.clear();
  multi_.reset();
  loop_.quit(seat_);
}

std::unique_ptr<CurlTransfer> CurlShard::take_idle(const std::string& user_agent) {
  if (idle_.empty()) return std::make_unique<CurlTransfer>(*this, user_agent);
  std::unique_ptr<CurlTransfer> transfer = std::move(idle_.back());
  idle_.pop_back();
  return transfer;
}

void CurlShard::note_socket(int fd, base::ViewerId viewer) {
  std::erase_if(sockets_, [fd](const Socket& socket) { return socket.fd == fd; });
  sockets_.push_back({.fd = fd, .cookie = socket_cookie(fd), .viewer = viewer, .ordinal = ++opened_});
}

void CurlShard::add(CurlTransfer& transfer) { ENSURE(curl_multi_add_handle(multi_.get(), transfer.easy()) == CURLM_OK); }

void CurlShard::remove(CurlTransfer& transfer) { curl_multi_remove_handle(multi_.get(), transfer.easy()); }

void CurlShard::keep_idle(std::unique_ptr<CurlTransfer> transfer) {
  transfer->clear();
  idle_.push_back(std::move(transfer));
}

void CurlShard::shut_down_connections(base::ViewerId viewer) {
  std::erase_if(sockets_, [viewer](const Socket& socket) { return socket.viewer == viewer && socket_cookie(socket.fd) != socket.cookie; });
  for (Socket& socket : sockets_) {
    if (socket.viewer != viewer) continue;
    look_at_closing(socket);
    shutdown(socket.fd, SHUT_RDWR);
    socket.viewer = kNobody;  // it has been looked at
  }
}

bool CurlShard::bind(int fd, int family, const std::string& address) {
  if (family == AF_INET6) {
    sockaddr_in6 own{};
    own.sin6_family = AF_INET6;
    return inet_pton(AF_INET6, address.c_str(), &own.sin6_addr) == 1 &&
           ::bind(fd, reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0;
  }
  sockaddr_in own{};
  own.sin_family = AF_INET;
  return inet_pton(AF_INET, address.c_str(), &own.sin_addr) == 1 && ::bind(fd, reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0;
}

int CurlShard::open_socket(base::ViewerId viewer, int type, int protocol, sockaddr_storage& peer, socklen_t& length) {
  return hooks_.open ? hooks_.open(viewer, type, protocol, peer, length) : socket(peer.ss_family, type | SOCK_CLOEXEC, protocol);
}

int CurlShard::connect(base::ViewerId viewer, std::size_t place, const CurlPeer& peer, const std::string& source_address) {
  sockaddr_storage address = peer.address;
  socklen_t length = peer.length;
  int fd = -1;
  try {
    fd = open_socket(viewer, peer.type, peer.protocol, address, length);
  } catch (const std::exception&) {  // the transfer that has to open one instead says so
  }
  if (fd < 0) return -1;
  const bool ready =
      fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0 && (source_address.empty() || bind(fd, address.ss_family, source_address));
  if (!ready || (::connect(fd, reinterpret_cast<const sockaddr*>(&address), length) != 0 && errno != EINPROGRESS)) return close(fd), -1;
  note_socket(fd, viewer);
  jobs_.push_back({.fd = fd, .viewer = viewer, .place = place});
  loop_.watch(seat_, fd, EPOLLOUT);
  return fd;
}

void CurlShard::close_unused(int fd) {
  std::erase_if(jobs_, [fd](const Job& job) { return job.fd == fd; });
  on_close_socket(this, fd);
}

bool CurlShard::finish_job(int fd) {
  const auto at = std::find_if(jobs_.begin(), jobs_.end(), [fd](const Job& job) { return job.fd == fd; });
  if (at == jobs_.end()) return false;
  const Job job = *at;
  jobs_.erase(at);
  loop_.unwatch(fd);
  int error = 0;
  socklen_t length = sizeof error;
  const bool connected = getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0;
  connected ? look_at_new(fd) : close_unused(fd);
  news_.connected.push_back({.viewer = job.viewer, .place = job.place, .fd = connected ? fd : -1});
  return true;
}

// A connection that has just been made has seen one round trip, its handshake's.
void CurlShard::look_at_new(int fd) {
  if (!hooks_.closing) return;
  const auto at = std::find_if(sockets_.begin(), sockets_.end(), [fd](const Socket& socket) { return socket.fd == fd; });
  if (at == sockets_.end() || at->handshake) return;
  if (const auto facts = connection_facts(fd)) at->handshake = facts->rtt;
}

void CurlShard::look_at_closing(const Socket& socket) const {
  if (!hooks_.closing || socket.viewer == kNobody) return;
  auto facts = connection_facts(socket.fd);
  if (!facts) return;
  facts->ordinal = socket.ordinal;
  facts->handshake = socket.handshake;
  hooks_.closing(socket.viewer, *facts);
}

int CurlShard::on_close_socket(void* self, curl_socket_t fd) noexcept {
  auto& shard = *static_cast<CurlShard*>(self);
  const auto at = std::find_if(shard.sockets_.begin(), shard.sockets_.end(), [fd](const Socket& socket) { return socket.fd == fd; });
  if (at != shard.sockets_.end()) {
    shard.look_at_closing(*at);
    shard.sockets_.erase(at);
  }
  shard.loop_.unwatch(fd);
  return close(fd);
}

void CurlShard::on_ready(int fd, std::uint32_t events) {
  if (!jobs_.empty() && finish_job(fd)) return;
  int what = 0;
  if ((events & EPOLLIN) != 0) what |= CURL_CSELECT_IN;
  if ((events & EPOLLOUT) != 0) {
    what |= CURL_CSELECT_OUT;
    look_at_new(fd);
  }
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) what |= CURL_CSELECT_ERR;
  act(fd, what);
}

void CurlShard::on_deadline() { act(CURL_SOCKET_TIMEOUT, 0); }

void CurlShard::act(curl_socket_t fd, int what) {
  int running = 0;
  curl_multi_socket_action(multi_.get(), fd, what, &running);
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    CurlTransfer* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    const CURLcode code = message->data.result;
    remove(*transfer);  // `message` dies here
    transfer->finished = true;
    news_.finished.emplace_back(transfer->id(), code);
  }
}

int CurlShard::on_socket(CURL*, curl_socket_t fd, int what, void* self, void*) noexcept {
  auto& shard = *static_cast<CurlShard*>(self);
  if (what == CURL_POLL_REMOVE) return shard.loop_.unwatch(fd), 0;
  const std::uint32_t events = ((what & CURL_POLL_IN) != 0 ? EPOLLIN : 0u) | ((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0u);
  shard.loop_.watch(shard.seat_, fd, events);
  return 0;
}

int CurlShard::on_timer(CURLM*, long milliseconds, void* self) noexcept {
  auto& shard = *static_cast<CurlShard*>(self);
  shard.loop_.wake_after(shard.seat_,
                         milliseconds < 0 ? std::nullopt : std::optional<base::Duration>{std::chrono::milliseconds{milliseconds}});
  return 0;
}

}  // namespace harness
