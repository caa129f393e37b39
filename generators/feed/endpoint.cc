#include "generators/feed/endpoint.h"

#include <fmt/format.h>

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

Endpoint found(const std::string& host, int port) {
  if (port < 1 || port > 65535) throw base::RunFailed(fmt::format("feed port {}: must be 1 to 65535", port));
  const auto addresses = base::look_up_host(host, port);
  if (addresses.has_error()) throw base::RunFailed(fmt::format("feed host \"{}\": {}", host, addresses.error().message));
  return {.address = addresses->front(), .name = {}};
}

}  // namespace

Endpoint look_up(const Destination& destination) {
  Endpoint endpoint = std::visit(
      [](const auto& to) {
        check(to);
        return found(to.host, to.port);
      },
      destination);
  endpoint.name = name_of(destination);
  return endpoint;
}

}  // namespace generators
