#include "server/ingest/srt/listener.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "base/errors.h"
#include "base/steady_timeline.h"
#include "server/ingest/srt/srt_socket.h"
#include "server/ingest/srt/streamid.h"

namespace server {
namespace {

constexpr int kBacklog = 64;
constexpr base::Duration kNoteEvery = std::chrono::seconds{1};

void bind_to(SRTSOCKET socket, const std::string& host, int port) {
  const std::string attempt = fmt::format("listen for SRT on {}:{} (UDP)", host, port);
  const auto address = resolve_udp(host, port);
  if (address.has_error()) throw base::RunFailed(attempt + ": " + address.error().message);
  if (srt_bind(socket, address->generic(), address->size) == SRT_ERROR) throw base::RunFailed(attempt + ": " + srt_getlasterror_str());
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

PublishPoints::Request request_of(const StreamId& id) { return {.protocol = PublishProtocol::kSrt, .point = id.resource, .key = id.user}; }

// What the points are not asked about.
std::optional<Refusal> refusal_of(const base::Result<StreamId>& id) {
  if (id.has_error()) return Refusal::kBadRequest;
  if (id->mode != "publish" || id->type != "stream") return Refusal::kForbidden;
  return std::nullopt;
}

}  // namespace

// All but `ask` is the listener's thread's.
class SrtListener::Impl {
 public:
  Impl(const std::string& host, int port, PublishPoints& points) : points_{points}, listener_{srt_create_socket()} {
    listener_.never_wait();
    const bool off = false;
    srt_setsockflag(listener_.id(), SRTO_REUSEADDR, &off, sizeof off);
    bind_to(listener_.id(), host, port);
    port_ = bound_port(listener_.id());
    srt_listen_callback(listener_.id(), &Impl::ask, this);
    if (srt_listen(listener_.id(), kBacklog) == SRT_ERROR) {
      throw base::RunFailed(fmt::format("listen for SRT on {}:{} (UDP): {}", host, port, srt_getlasterror_str()));
    }
    epoll_.add(listener_.id(), SRT_EPOLL_IN | SRT_EPOLL_ERR);
    thread_ = std::thread{[this] { run(); }};
  }

  ~Impl() {
    stopping_ = true;
    thread_.join();
  }

  int port() const { return port_; }

 private:
  struct Connection {
    explicit Connection(SRTSOCKET accepted) : socket{accepted} {}
    SrtSocket socket;
    std::unique_ptr<Publication> publication;
  };

  // On libsrt's receiver thread.
  static int ask(void* self, SRTSOCKET socket, int, const sockaddr*, const char* streamid) {
    const PublishPoints& points = static_cast<Impl*>(self)->points_;
    const base::Result<StreamId> id = parse_streamid(streamid == nullptr ? "" : streamid);
    std::optional<Refusal> refusal = refusal_of(id);
    if (!refusal) refusal = points.consider(request_of(*id));
    if (refusal) {
      srt_setrejectreason(socket, static_cast<int>(*refusal));
      return -1;
    }
    const std::string passphrase = points.passphrase(request_of(*id));
    if (!passphrase.empty()) srt_setsockflag(socket, SRTO_PASSPHRASE, passphrase.data(), static_cast<int>(passphrase.size()));
    return 0;
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
      std::erase_if(connections_, [](const auto& entry) { return entry.second->publication->is_over(); });
      note_links();
    }
    connections_.clear();
  }

  // Asks again: another caller may have come first since the handshake.
  void accept_waiting() {
    for (;;) {
      const SRTSOCKET accepted = srt_accept(listener_.id(), nullptr, nullptr);
      if (accepted == SRT_INVALID_SOCK) return;
      auto connection = std::make_unique<Connection>(accepted);
      const base::Result<StreamId> id = parse_streamid(streamid_of(accepted));
      if (refusal_of(id)) continue;
      auto entered = points_.enter(request_of(*id), Container::kMpegTs);
      auto* publication = std::get_if<std::unique_ptr<Publication>>(&entered);
      if (publication == nullptr) continue;
      connection->publication = std::move(*publication);
      connections_[accepted] = std::move(connection);
      epoll_.add(accepted, SRT_EPOLL_IN | SRT_EPOLL_ERR);
    }
  }

  void receive(SRTSOCKET socket) {
    const auto at = connections_.find(socket);
    if (at != connections_.end() && !at->second->socket.receive_into(*at->second->publication)) connections_.erase(at);
  }

  void note_links() {
    const base::Instant now = base::steady_now();
    if (now - noted_ < kNoteEvery) return;
    noted_ = now;
    for (const auto& [id, connection] : connections_) connection->publication->note(connection->socket.statistics());
  }

  PublishPoints& points_;
  base::Instant noted_{};
  SrtLibrary library_;
  SrtSocket listener_;
  SrtEpoll epoll_;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::map<SRTSOCKET, std::unique_ptr<Connection>> connections_;
  std::thread thread_;
};

SrtListener::SrtListener(const std::string& host, int port, PublishPoints& points) : impl_{std::make_unique<Impl>(host, port, points)} {}
SrtListener::~SrtListener() = default;
int SrtListener::port() const { return impl_->port(); }

}  // namespace server
