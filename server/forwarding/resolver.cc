#include "server/forwarding/resolver.h"

#include <netdb.h>

#include <array>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace server {
namespace {

constexpr std::chrono::milliseconds kLook{50};  // how soon an order to stop is seen

base::Result<HostAddress> look_up(const std::string& host, int port, int flags) {
  addrinfo hints{};
  hints.ai_flags = flags;
  hints.ai_socktype = SOCK_DGRAM;  // one entry for each address
  addrinfo* found = nullptr;
  if (const int code = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); code != 0)
    return base::error(gai_strerror(code));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses{found, &freeaddrinfo};
  HostAddress address{.size = found->ai_addrlen};
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  return address;
}

struct Answer {
  std::mutex mutex;
  std::condition_variable came;
  std::optional<base::Result<HostAddress>> result;
};

}  // namespace

std::string HostAddress::host() const {
  std::array<char, NI_MAXHOST> text{};
  getnameinfo(generic(), size, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST);
  return text.data();
}

// getaddrinfo() cannot be broken off: its thread is left behind with what it needs and ends when the resolver gives up.
base::Result<HostAddress> resolve_host(const std::string& host, int port, const Interrupt& interrupt) {
  if (auto address = look_up(host, port, AI_NUMERICHOST); address.has_value()) return address;
  const auto answer = std::make_shared<Answer>();
  std::thread{[answer, host, port] {
    base::Result<HostAddress> result = look_up(host, port, AI_ADDRCONFIG);
    const std::lock_guard lock{answer->mutex};
    answer->result = std::move(result);
    answer->came.notify_all();
  }}.detach();
  std::unique_lock lock{answer->mutex};
  while (!answer->came.wait_for(lock, kLook, [&] { return answer->result.has_value(); })) {
    if (interrupt.ends_wait()) return base::error("the name server does not answer");
  }
  return *answer->result;
}

}  // namespace server
