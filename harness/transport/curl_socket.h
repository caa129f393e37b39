// What an owner of the network may do with the sockets of viewers: open them elsewhere, and look at them before they close.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <optional>

#include "base/time.h"
#include "base/units.h"

namespace harness {

// From the kernel's TCP_INFO, at the viewer's end of the connection.
struct ConnectionFacts {
  std::uint64_t ordinal = 0;                  // a viewer's connections, in the order in which they were opened
  std::optional<base::Duration> handshake{};  // the first round trip; absent when the connection was not looked at in time
  base::Duration min_rtt{};                   // the smallest round trip that the kernel saw (in the last five minutes)
  base::Duration rtt{};                       // smoothed (RFC 6298)
};
// Nothing when no connection was ever made.
std::optional<ConnectionFacts> connection_facts(int fd);

// What no other socket of this system has (SO_COOKIE); 0 when it is none, or not open.
std::uint64_t socket_cookie(int fd);

// Where a connection leads to, as libcurl resolved it.
struct CurlPeer {
  int type = 0, protocol = 0;
  sockaddr_storage address{};
  socklen_t length = 0;
};

struct CurlSocketHooks {
  // A socket for a connection to `peer`, which may be replaced by another IPv4 address; -1 with errno. Empty: the system's.
  std::function<int(base::ViewerId, int type, int protocol, sockaddr_storage& peer, socklen_t& length)> open;
  // A connection of the viewer's is about to end. May be empty.
  std::function<void(base::ViewerId, const ConnectionFacts&)> closing;
};

}  // namespace harness
