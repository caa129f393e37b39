#include "generators/feed/endpoint.h"

#include <fmt/format.h>
#include <netdb.h>

#include <cstring>
#include <memory>

#include "base/errors.h"

namespace generators {
namespace {

constexpr std::size_t kShortestPassphrase = 10, kLongestPassphrase = 79, kLongestStreamid = 512;  // by SRT's specification
constexpr std::size_t kLongestName = 1024;  // of an RTMP application or key, as our server forwards them

void check(const SrtDestination& to) {
  if (to.streamid.size() > kLongestStreamid)
    throw base::RunFailed(fmt::format("feed streamid of {} bytes: must be at most {}", to.streamid.size(), kLongestStreamid));
  if (!to.passphrase.empty() && (to.passphrase.size() < kShortestPassphrase || to.passphrase.size() > kLongestPassphrase))
    throw base::RunFailed(
        fmt::format("feed passphrase of {} characters: must be {} to {}", to.passphrase.size(), kShortestPassphrase, kLongestPassphrase));
}
void check(const RtmpDestination& to) {
  if (to.app.empty() || to.key.empty()) throw base::RunFailed("feed over RTMP: application and key must not be empty");
  if (to.app.size() > kLongestName || to.key.size() > kLongestName)
    throw base::RunFailed(fmt::format("feed over RTMP: application and key must be at most {} bytes each", kLongestName));
}

Endpoint found(const std::string& host, int port, int kind) {
  if (port < 1 || port > 65535) throw base::RunFailed(fmt::format("feed port {}: must be 1 to 65535", port));
  addrinfo hints{};
  hints.ai_socktype = kind;
  addrinfo* list = nullptr;
  if (const int result = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list); result != 0)
    throw base::RunFailed(fmt::format("feed host \"{}\": {}", host, gai_strerror(result)));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner{list, freeaddrinfo};
  Endpoint endpoint{.address_size = list->ai_addrlen};
  std::memcpy(&endpoint.address, list->ai_addr, list->ai_addrlen);
  return endpoint;
}

}  // namespace

Endpoint look_up(const Destination& destination) {
  Endpoint endpoint = std::visit(
      [](const auto& to) {
        check(to);
        return found(to.host, to.port, std::is_same_v<std::decay_t<decltype(to)>, SrtDestination> ? SOCK_DGRAM : SOCK_STREAM);
      },
      destination);
  endpoint.name = name_of(destination);
  return endpoint;
}

}  // namespace generators
