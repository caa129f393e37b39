#include "server/forwarding/srt_link.h"

#include <fmt/format.h>

#include "server/forwarding/resolver.h"
#include "server/ingest/srt/srt_socket.h"

namespace server {
namespace {

// SRT's access control guidelines, "Rejection codes"; the codes of HTTP and 1000.
std::string refusal_text(int code) {
  switch (code) {
    case 1400:
      return "it does not understand the streamid";
    case 1401:
      return "wrong key";
    case 1403:
      return "it may not be published there";
    case 1404:
      return "there is no such stream";
    case 1409:
      return "another publisher is sending";
    case SRT_REJ_BADSECRET:
      return "wrong passphrase";
    case SRT_REJ_UNSECURE:
      return "only one side has a passphrase";
    default:
      return srt_rejectreason_str(code);
  }
}

}  // namespace

class SrtLink::Impl {
 public:
  explicit Impl(const Interrupt& interrupt) : interrupt_{interrupt}, socket_{srt_create_socket()} { socket_.never_wait(); }

  base::Result<void> connect(const ForwardUrl& url, const std::string& passphrase) {
    const auto to = resolve_host(url.host, url.port, interrupt_);
    if (to.has_error()) return base::error("cannot be found: " + to.error().message);
    if (!url.streamid.empty()) srt_setsockflag(socket_.id(), SRTO_STREAMID, url.streamid.data(), static_cast<int>(url.streamid.size()));
    if (!passphrase.empty()) srt_setsockflag(socket_.id(), SRTO_PASSPHRASE, passphrase.data(), static_cast<int>(passphrase.size()));
    srt_setsockflag(socket_.id(), SRTO_LATENCY, &url.latency_ms, sizeof url.latency_ms);
    if (srt_connect(socket_.id(), to->generic(), static_cast<int>(to->size)) == SRT_ERROR)
      return base::error(fmt::format("cannot be called: {}", srt_getlasterror_str()));
    epoll_.add(socket_.id(), SRT_EPOLL_OUT | SRT_EPOLL_ERR);
    while (state() < SRTS_CONNECTED) {
      if (interrupt_.ends_wait()) return base::error("does not answer");
      epoll_.wait();
    }
    return state() == SRTS_CONNECTED ? base::Result<void>{} : base::error(why_not());
  }

  bool send(std::span<const std::uint8_t> message) {
    for (;;) {
      const int sent = srt_sendmsg(socket_.id(), reinterpret_cast<const char*>(message.data()), static_cast<int>(message.size()), -1, 1);
      if (sent != SRT_ERROR) return true;
      if (srt_getlasterror(nullptr) != SRT_EASYNCSND || state() != SRTS_CONNECTED || interrupt_.ends_wait()) return false;
      epoll_.wait();
    }
  }

 private:
  SRT_SOCKSTATUS state() const { return srt_getsockstate(socket_.id()); }
  std::string why_not() const {
    const int code = srt_getrejectreason(socket_.id());
    if (code == SRT_REJ_TIMEOUT || code == SRT_REJ_UNKNOWN) return "does not answer";
    return fmt::format("refuses the stream: {} ({})", refusal_text(code), code);
  }

  const Interrupt& interrupt_;
  SrtLibrary library_;
  SrtSocket socket_;
  SrtEpoll epoll_;
};

SrtLink::SrtLink(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
SrtLink::~SrtLink() = default;

base::Result<std::unique_ptr<SrtLink>> SrtLink::connect(const ForwardUrl& url, const std::string& passphrase, const Interrupt& interrupt) {
  auto impl = std::make_unique<Impl>(interrupt);
  if (const auto connected = impl->connect(url, passphrase); connected.has_error()) return connected.error();
  return std::unique_ptr<SrtLink>{new SrtLink{std::move(impl)}};
}

bool SrtLink::send(std::span<const std::uint8_t> message) { return impl_->send(message); }

}  // namespace server
