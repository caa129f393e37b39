#include "base/resolver.h"

#include <netdb.h>

#include <array>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace base {
namespace {

constexpr std::chrono::milliseconds kLook{50};  // how soon an order to stop is seen

Result<HostAddresses> look_up(const std::string& host, int port, int flags) {
  addrinfo hints{};
  hints.ai_flags = flags;
  hints.ai_socktype = SOCK_DGRAM;  // one entry for each address
  addrinfo* found = nullptr;
  if (const int code = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); code != 0) return error(gai_strerror(code));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner{found, &freeaddrinfo};
  HostAddresses addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    HostAddress address{.size = each->ai_addrlen};
    std::memcpy(&address.storage, each->ai_addr, each->ai_addrlen);
    addresses.push_back(address);
  }
  return addresses;
}

}  // namespace

std::string HostAddress::host() const {
  std::array<char, NI_MAXHOST> text{};
  getnameinfo(generic(), size, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST);
  return text.data();
}

Result<HostAddresses> look_up_host(const std::string& host, int port) { return look_up(host, port, 0); }

struct Resolver::Answer {
  std::mutex mutex;
  std::condition_variable came;
  std::optional<Result<HostAddresses>> result;
};

// getaddrinfo() cannot be broken off: its thread is left behind with what it needs and ends when the system's resolver gives up.
Result<HostAddresses> Resolver::resolve(const std::function<bool()>& ends_wait) {
  if (auto digits = look_up(host_, port_, AI_NUMERICHOST); digits.has_value()) return digits;
  if (pending_ == nullptr) {
    pending_ = std::make_shared<Answer>();
    std::thread{[answer = pending_, host = host_, port = port_, look_up = look_up_] {
      Result<HostAddresses> result = look_up(host, port);
      const std::lock_guard lock{answer->mutex};
      answer->result = std::move(result);
      answer->came.notify_all();
    }}.detach();
  }
  std::unique_lock lock{pending_->mutex};
  while (!pending_->came.wait_for(lock, kLook, [this] { return pending_->result.has_value(); })) {
    if (ends_wait()) return error("the name server does not answer");
  }
  Result<HostAddresses> result = *std::move(pending_->result);
  lock.unlock();
  pending_.reset();
  return result;
}

}  // namespace base
