#include "server/forwarding/srt_link.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "server/ingest/srt/refusal_text.h"
#include "server/ingest/srt/srt_socket.h"

namespace server {

class SrtLink::Impl {
 public:
  explicit Impl(const Interrupt& interrupt) : interrupt_{interrupt}, socket_{srt_create_socket()} { socket_.never_wait(); }

  // Nothing: connected.
  std::optional<NotConnected> connect(const base::HostAddress& to, const ForwardUrl& url, const std::string& passphrase) {
    if (!url.streamid.empty()) srt_setsockflag(socket_.id(), SRTO_STREAMID, url.streamid.data(), static_cast<int>(url.streamid.size()));
    if (!passphrase.empty()) srt_setsockflag(socket_.id(), SRTO_PASSPHRASE, passphrase.data(), static_cast<int>(passphrase.size()));
    srt_setsockflag(socket_.id(), SRTO_LATENCY, &url.latency_ms, sizeof url.latency_ms);
    if (srt_connect(socket_.id(), to.generic(), static_cast<int>(to.size)) == SRT_ERROR)
      return NotConnected{.reason = fmt::format("cannot be called: {}", srt_getlasterror_str())};
    epoll_.add(socket_.id(), SRT_EPOLL_OUT | SRT_EPOLL_ERR);
    while (state() < SRTS_CONNECTED) {
      if (interrupt_.ends_wait()) return NotConnected{.reason = "does not answer"};
      epoll_.wait();
    }
    if (state() == SRTS_CONNECTED) return std::nullopt;
    const CallRefusal why = why_refused(socket_.id());
    return NotConnected{.reason = why.text, .is_answer = why.is_answer};
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

std::variant<std::unique_ptr<SrtLink>, NotConnected> SrtLink::connect(const base::HostAddress& to, const ForwardUrl& url,
                                                                      const std::string& passphrase, const Interrupt& interrupt) {
  auto impl = std::make_unique<Impl>(interrupt);
  if (auto failed = impl->connect(to, url, passphrase)) return *std::move(failed);
  return std::unique_ptr<SrtLink>{new SrtLink{std::move(impl)}};
}

bool SrtLink::send(std::span<const std::uint8_t> message) { return impl_->send(message); }

}  // namespace server
