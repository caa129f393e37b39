#include "server/forwarding/srt_link.h"

#include <fmt/format.h>

#include "server/forwarding/resolver.h"
#include "server/ingest/srt/refusal_text.h"
#include "server/ingest/srt/srt_socket.h"

namespace server {

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
    return state() == SRTS_CONNECTED ? base::Result<void>{} : base::error(why_refused(socket_.id()).text);
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
