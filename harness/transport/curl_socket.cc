#include "harness/transport/curl_socket.h"

#include <linux/tcp.h>
#include <netinet/in.h>

#include <cstddef>

namespace harness {
namespace {

constexpr std::uint32_t kNoSample = ~0u;  // tcp_min_rtt() of a connection that has seen no acknowledgement

}  // namespace

std::optional<ConnectionFacts> connection_facts(int fd) {
  tcp_info info{};
  socklen_t length = sizeof info;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return std::nullopt;
  const bool has_min = length >= offsetof(tcp_info, tcpi_min_rtt) + sizeof info.tcpi_min_rtt;
  if (!has_min || info.tcpi_min_rtt == kNoSample || info.tcpi_rtt == 0) return std::nullopt;
  return ConnectionFacts{.min_rtt = std::chrono::microseconds{info.tcpi_min_rtt}, .rtt = std::chrono::microseconds{info.tcpi_rtt}};
}

std::uint64_t socket_cookie(int fd) {
  std::uint64_t cookie = 0;
  socklen_t length = sizeof cookie;
  return getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &length) == 0 ? cookie : 0;
}

}  // namespace harness
