#include "server/ingest/srt/source.h"

#include <fmt/format.h>

#include "server/ingest/srt/srt_socket.h"

namespace server {
namespace {

constexpr const char* kPoint = "call";
constexpr base::Duration kCallAgain = std::chrono::seconds{1};

}  // namespace

SrtCaller::SrtCaller(media::SrtUrl address, std::string passphrase, SourceSink& sink)
    : address_{std::move(address)},
      resolver_{address_.host, address_.port},
      passphrase_{std::move(passphrase)},
      sink_{sink},
      source_{points_, kPoint, PublishPoints::Options{}, sink},
      thread_{[this] { run(); }} {}

SrtCaller::~SrtCaller() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void SrtCaller::run() {
  const SrtLibrary library;
  do {
    const auto addresses = resolver_.resolve([this] { return is_stopping(); });
    if (addresses.has_error()) {
      if (!is_stopping()) tell({.refusal = Refusal::kNotFound, .text = "cannot be found: " + addresses.error().message});
      continue;
    }
    std::optional<CallRefusal> refused;
    for (const base::HostAddress& to : *addresses) {
      refused = call(to, kPoint);
      if (!refused || refused->is_answer || is_stopping()) break;
    }
    if (refused && !is_stopping()) tell(*refused);
  } while (wait(kCallAgain));
}

bool SrtCaller::wait(base::Duration time) {
  std::unique_lock lock{mutex_};
  return !changed_.wait_for(lock, time, [this] { return stopping_; });
}

bool SrtCaller::is_stopping() {
  const std::lock_guard lock{mutex_};
  return stopping_;
}

void SrtCaller::tell(const CallRefusal& why) {
  sink_.on_refused(why.refusal, fmt::format("srt://{}:{} {}", address_.host, address_.port, why.text));
}

std::optional<CallRefusal> SrtCaller::call(const base::HostAddress& to, const std::string& point) {
  SrtSocket socket{srt_create_socket()};
  socket.never_wait();
  if (!address_.streamid.empty())
    srt_setsockflag(socket.id(), SRTO_STREAMID, address_.streamid.data(), static_cast<int>(address_.streamid.size()));
  if (!passphrase_.empty()) srt_setsockflag(socket.id(), SRTO_PASSPHRASE, passphrase_.data(), static_cast<int>(passphrase_.size()));
  srt_setsockflag(socket.id(), SRTO_LATENCY, &address_.latency_ms, sizeof address_.latency_ms);
  if (srt_connect(socket.id(), to.generic(), static_cast<int>(to.size)) == SRT_ERROR)
    return CallRefusal{.refusal = Refusal::kBadRequest, .text = fmt::format("cannot be called: {}", srt_getlasterror_str())};
  SrtEpoll epoll;
  epoll.add(socket.id(), SRT_EPOLL_IN | SRT_EPOLL_ERR);
  std::unique_ptr<Publication> publication;
  while (!is_stopping()) {
    const bool ready = !epoll.wait().empty();
    const SRT_SOCKSTATUS state = srt_getsockstate(socket.id());
    if (state == SRTS_CONNECTED && publication == nullptr) {
      auto entered = points_.enter({.protocol = PublishProtocol::kSrt, .point = point, .key = point}, Container::kMpegTs);
      publication = std::get<std::unique_ptr<Publication>>(std::move(entered));
    }
    if (state > SRTS_CONNECTED && publication == nullptr) return why_refused(socket.id());
    if (state > SRTS_CONNECTED || (publication != nullptr && ready && !socket.receive_into(*publication))) break;
  }
  return std::nullopt;
}

}  // namespace server
