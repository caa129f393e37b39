#include "generators/feed/srt_caller.h"

#include <fmt/format.h>
#include <netdb.h>
#include <srt/access_control.h>
#include <srt/srt.h>

#include <array>
#include <chrono>
#include <cstring>
#include <memory>

#include "base/errors.h"
#include "generators/feed/ts_muxer.h"

namespace generators {
namespace {

constexpr int kConnectTimeout = 1500;  // milliseconds; the handshake is repeated four times a second meanwhile
constexpr int kPeerIdleTimeout = 2000;
constexpr std::size_t kShortestPassphrase = 10, kLongestPassphrase = 79, kLongestStreamid = 512;  // by SRT's specification

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

SrtTarget srt_target(const Feed::Options& options) {
  if (options.port < 1 || options.port > 65535) throw base::RunFailed(fmt::format("feed port {}: must be 1 to 65535", options.port));
  if (options.streamid.size() > kLongestStreamid)
    throw base::RunFailed(fmt::format("feed streamid of {} bytes: must be at most {}", options.streamid.size(), kLongestStreamid));
  if (!options.passphrase.empty() && (options.passphrase.size() < kShortestPassphrase || options.passphrase.size() > kLongestPassphrase))
    throw base::RunFailed(fmt::format("feed passphrase of {} characters: must be {} to {}", options.passphrase.size(), kShortestPassphrase,
                                      kLongestPassphrase));
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (const int result = getaddrinfo(options.host.c_str(), std::to_string(options.port).c_str(), &hints, &found); result != 0)
    throw base::RunFailed(fmt::format("feed host \"{}\": {}", options.host, gai_strerror(result)));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner{found, freeaddrinfo};
  SrtTarget target{.address_size = found->ai_addrlen, .name = fmt::format("{}:{}", options.host, options.port)};
  std::memcpy(&target.address, found->ai_addr, found->ai_addrlen);
  return target;
}

SrtCaller::SrtCaller(const SrtTarget& target, const Feed::Options& options) : socket_{srt_create_socket()}, name_{target.name} {
  if (socket_ == SRT_INVALID_SOCK) throw base::RunFailed(fmt::format("cannot make an SRT socket: {}", srt_getlasterror_str()));
  try {
    set_options(options);
    if (srt_connect(socket_, reinterpret_cast<const sockaddr*>(&target.address), static_cast<int>(target.address_size)) == SRT_ERROR)
      throw base::RunFailed(fmt::format("{}: cannot begin to connect: {}", name_, srt_getlasterror_str()));
  } catch (...) {
    srt_close(socket_);
    throw;
  }
}

SrtCaller::~SrtCaller() { srt_close(socket_); }

void SrtCaller::set_options(const Feed::Options& options) {
  set(socket_, SRTO_TRANSTYPE, "transmission type", SRTT_LIVE);  // first: it resets others
  set(socket_, SRTO_SNDSYN, "blocking mode", false);
  set(socket_, SRTO_RCVSYN, "blocking mode", false);
  set(socket_, SRTO_SENDER, "direction", true);
  set(socket_, SRTO_CONNTIMEO, "connection timeout", kConnectTimeout);
  set(socket_, SRTO_PEERIDLETIMEO, "idle timeout", kPeerIdleTimeout);
  set(socket_, SRTO_PAYLOADSIZE, "payload size", static_cast<int>(TsMuxer::kPayload));
  set(socket_, SRTO_LATENCY, "latency", static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(options.latency).count()));
  set_text(socket_, SRTO_STREAMID, "streamid", options.streamid);
  set_text(socket_, SRTO_PASSPHRASE, "passphrase", options.passphrase);
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
