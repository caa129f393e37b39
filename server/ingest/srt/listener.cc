#include "server/ingest/srt/listener.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "base/errors.h"
#include "base/resolver.h"
#include "base/steady_timeline.h"
#include "server/ingest/peer_text.h"
#include "server/ingest/srt/srt_socket.h"
#include "server/ingest/srt/streamid.h"

namespace server {
namespace {

constexpr int kBacklog = 64;
constexpr base::Duration kNoteEvery = std::chrono::seconds{1};

void bind_to(SRTSOCKET socket, const std::string& host, int port) {
  const std::string attempt = fmt::format("listen for SRT on {}:{} (UDP)", host, port);
  const auto addresses = base::look_up_host(host, port);
  if (addresses.has_error()) throw base::RunFailed(attempt + ": " + addresses.error().message);
  const base::HostAddress& address = addresses->front();
  if (srt_bind(socket, address.generic(), static_cast<int>(address.size)) == SRT_ERROR)
    throw base::RunFailed(attempt + ": " + srt_getlasterror_str());
}

int bound_port(SRTSOCKET socket) {
  sockaddr_storage address{};
  int size = sizeof address;
  srt_getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  const bool v6 = address.ss_family == AF_INET6;
  return ntohs(v6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port : reinterpret_cast<sockaddr_in&>(address).sin_port);
}

PublishPoints::Request request_of(const base::Result<StreamId>& id, std::string peer) {
  PublishPoints::Request request{.protocol = PublishProtocol::kSrt, .peer = std::move(peer)};
  if (id.has_error()) return request;
  request.point = id->resource;
  request.key = id->user;
  return request;
}

// What the points are not asked about.
std::optional<Refusal> refusal_of(const base::Result<StreamId>& id) {
  if (id.has_error()) return Refusal::kBadRequest;
  if (id->mode != "publish" || id->type != "stream") return Refusal::kForbidden;
  return std::nullopt;
}

std::string peer_of(const sockaddr* address) {
  const bool v6 = address != nullptr && address->sa_family == AF_INET6;
  return peer_text(address, v6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
}

}  // namespace

// All but ask(), welcome() and what a mutex guards is the listener's thread's.
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

  // Somebody who was let in by the points, but whose handshake libsrt has not ended yet.
  struct Welcomed {
    SRTSOCKET socket;
    PublishPoints::Request request;
  };

  // On libsrt's receiver thread.
  static int ask(void* self, SRTSOCKET socket, int, const sockaddr* peer, const char* streamid) {
    return static_cast<Impl*>(self)->welcome(socket, peer_of(peer), streamid == nullptr ? "" : streamid) ? 0 : -1;
  }

  bool welcome(SRTSOCKET socket, std::string peer, std::string_view streamid) {
    const base::Result<StreamId> id = parse_streamid(streamid);
    const PublishPoints::Request request = request_of(id, std::move(peer));
    std::optional<Refusal> refusal = refusal_of(id);
    if (refusal) points_.turn_away(request, *refusal, id.has_error() ? id.error().message : to_text(*refusal));
    if (!refusal) refusal = points_.consider(request);
    if (refusal) {
      srt_setrejectreason(socket, static_cast<int>(*refusal));
      return false;
    }
    const std::string passphrase = points_.passphrase(request);
    if (!passphrase.empty()) srt_setsockflag(socket, SRTO_PASSPHRASE, passphrase.data(), static_cast<int>(passphrase.size()));
    const std::lock_guard lock{welcomed_mutex_};
    welcomed_.push_back({socket, request});
    return true;
  }

  // Passphrases are compared by libsrt, after it has asked us.
  void note_failed_handshakes() {
    const std::lock_guard lock{welcomed_mutex_};
    std::erase_if(welcomed_, [this](const Welcomed& each) {
      if (srt_getsockstate(each.socket) <= SRTS_CONNECTED) return false;
      points_.turn_away(each.request, Refusal::kUnauthorized,
                        "the handshake has failed: the passphrase is wrong, or only one side has one");
      return true;
    });
  }

  std::optional<PublishPoints::Request> take_welcomed(SRTSOCKET socket) {
    const std::lock_guard lock{welcomed_mutex_};
    const auto at = std::ranges::find(welcomed_, socket, &Welcomed::socket);
    if (at == welcomed_.end()) return std::nullopt;
    PublishPoints::Request request = std::move(at->request);
    welcomed_.erase(at);
    return request;
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
      note_failed_handshakes();
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
      const auto request = take_welcomed(accepted);
      if (!request) continue;
      auto entered = points_.enter(*request, Container::kMpegTs);
      auto* publication = std::get_if<std::unique_ptr<Publication>>(&entered);
      if (publication == nullptr) continue;
      connection->publication = std::move(*publication);
      connections_[accepted] = std::move(connection);
      epoll_.add(accepted, SRT_EPOLL_IN | SRT_EPOLL_ERR);
      receive(accepted);  // libsrt tells of no end that came before it was asked
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
  std::mutex welcomed_mutex_;
  std::vector<Welcomed> welcomed_;
  std::map<SRTSOCKET, std::unique_ptr<Connection>> connections_;
  std::thread thread_;
};

SrtListener::SrtListener(const std::string& host, int port, PublishPoints& points) : impl_{std::make_unique<Impl>(host, port, points)} {}
SrtListener::~SrtListener() = default;
int SrtListener::port() const { return impl_->port(); }

}  // namespace server
