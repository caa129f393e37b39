#include "generators/feed/srt_caller.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <srt/access_control.h>
#include <srt/srt.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "base/errors.h"
#include "generators/feed/ts_muxer.h"

namespace generators {
namespace {

constexpr int kConnectTimeout = 1500;  // milliseconds; the handshake is repeated four times a second meanwhile
constexpr int kPeerIdleTimeout = 2000;

void set(SRTSOCKET socket, SRT_SOCKOPT option, const char* name, const auto& value) {
  if (srt_setsockflag(socket, option, &value, static_cast<int>(sizeof value)) == SRT_ERROR)
    throw base::RunFailed(fmt::format("cannot set SRT's {}: {}", name, srt_getlasterror_str()));
}
void set_text(SRTSOCKET socket, SRT_SOCKOPT option, const char* name, const std::string& value) {
  if (!value.empty() && srt_setsockflag(socket, option, value.data(), static_cast<int>(value.size())) == SRT_ERROR)
    throw base::RunFailed(fmt::format("cannot set SRT's {}: {}", name, srt_getlasterror_str()));
}

// SRT's access control guideline: 1000 + HTTP's status.
const char* access_control_text(int reason) {
  switch (reason) {
    case SRT_REJX_BAD_REQUEST:
      return "bad request";
    case SRT_REJX_UNAUTHORIZED:
      return "unauthorized";
    case SRT_REJX_OVERLOAD:
      return "overloaded";
    case SRT_REJX_FORBIDDEN:
      return "forbidden";
    case SRT_REJX_NOTFOUND:
      return "no such stream";
    case SRT_REJX_BAD_MODE:
      return "mode not supported";
    case SRT_REJX_CONFLICT:
      return "somebody is publishing there already";
    case SRT_REJX_LOCKED:
      return "locked";
    default:
      return "refused by the application";
  }
}

std::string rejection_text(int reason) {
  if (reason >= SRT_REJC_PREDEFINED) return fmt::format("{} ({})", access_control_text(reason), reason);
  if (reason == SRT_REJ_TIMEOUT || reason == SRT_REJ_UNKNOWN) return "nobody answers";
  if (reason == SRT_REJ_BADSECRET || reason == SRT_REJ_UNSECURE) return "the passphrase is wrong or missing";
  return srt_rejectreason_str(reason);
}

}  // namespace

SrtLibrary::SrtLibrary() {
  if (srt_startup() < 0) throw base::RunFailed(fmt::format("cannot start libsrt: {}", srt_getlasterror_str()));
  srt_setloglevel(LOG_CRIT);  // failed connections are reported by the feed, not on stderr
}
SrtLibrary::~SrtLibrary() { srt_cleanup(); }

SrtCaller::SrtCaller(const SrtDestination& destination, const Endpoint& endpoint) : socket_{srt_create_socket()}, name_{endpoint.name} {
  if (socket_ == SRT_INVALID_SOCK) throw base::RunFailed(fmt::format("cannot make an SRT socket: {}", srt_getlasterror_str()));
  try {
    open(destination, endpoint);
  } catch (...) {
    srt_close(socket_);
    throw;
  }
}

void SrtCaller::open(const SrtDestination& destination, const Endpoint& endpoint) {
  set_options(destination);
  take_port(endpoint.address.storage.ss_family);
  if (srt_connect(socket_, endpoint.address.generic(), static_cast<int>(endpoint.address.size)) == SRT_ERROR)
    throw base::RunFailed(fmt::format("{}: cannot begin to connect: {}", name_, srt_getlasterror_str()));
}

// A UDP socket of our own, so that it can be taken away from libsrt.
void SrtCaller::take_port(int family) {
  const int port = static_cast<int>(base::checked("make a UDP socket", ::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0)));
  sockaddr_storage any{};
  any.ss_family = static_cast<sa_family_t>(family);
  if (::bind(port, reinterpret_cast<const sockaddr*>(&any), family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6)) < 0 ||
      srt_bind_acquire(socket_, port) == SRT_ERROR) {
    ::close(port);
    throw base::RunFailed(fmt::format("{}: cannot take a UDP port: {}", name_, std::strerror(errno)));
  }
  port_ = port;
}

// libsrt goes on with a socket over which nobody can be reached: of the same number, so that it does not notice.
void SrtCaller::vanish() {
  const int dead = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (dead < 0) return;
  timeval patience{};  // as libsrt has set it on the real one
  socklen_t size = sizeof patience;
  ::getsockopt(port_, SOL_SOCKET, SO_RCVTIMEO, &patience, &size);
  ::setsockopt(dead, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const int flags = ::fcntl(port_, F_GETFL);
  ::fcntl(dead, F_SETFL, flags);
  ::dup2(dead, port_);
  ::close(dead);
}

SrtCaller::~SrtCaller() { srt_close(socket_); }

void SrtCaller::set_options(const SrtDestination& destination) {
  set(socket_, SRTO_TRANSTYPE, "transmission type", SRTT_LIVE);  // first: it resets others
  set(socket_, SRTO_SNDSYN, "blocking mode", false);
  set(socket_, SRTO_RCVSYN, "blocking mode", false);
  set(socket_, SRTO_SENDER, "direction", true);
  set(socket_, SRTO_CONNTIMEO, "connection timeout", kConnectTimeout);
  set(socket_, SRTO_PEERIDLETIMEO, "idle timeout", kPeerIdleTimeout);
  set(socket_, SRTO_PAYLOADSIZE, "payload size", static_cast<int>(TsMuxer::kPayload));
  set(socket_, SRTO_LATENCY, "latency",
      static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(destination.latency).count()));
  set_text(socket_, SRTO_STREAMID, "streamid", destination.streamid);
  set_text(socket_, SRTO_PASSPHRASE, "passphrase", destination.passphrase);
}

SrtCaller::State SrtCaller::state() const {
  switch (srt_getsockstate(socket_)) {
    case SRTS_INIT:
    case SRTS_OPENED:
    case SRTS_CONNECTING:
      return State::kConnecting;
    case SRTS_CONNECTED:
      was_connected_ = true;
      return State::kConnected;
    default:
      return State::kLost;
  }
}

std::string SrtCaller::reason() const {
  if (was_connected_) return fmt::format("{}: the connection broke off", name_);
  return fmt::format("{}: cannot connect: {}", name_, rejection_text(srt_getrejectreason(socket_)));
}

bool SrtCaller::send(std::span<const std::uint8_t> payload) {
  SRT_MSGCTRL control = srt_msgctrl_default;
  return srt_sendmsg2(socket_, reinterpret_cast<const char*>(payload.data()), static_cast<int>(payload.size()), &control) != SRT_ERROR;
}

}  // namespace generators
