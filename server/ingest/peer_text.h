// How a peer's address is written: "192.0.2.7:4000", "[2001:db8::7]:4000".
#pragma once

#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <string>

namespace server {

inline std::string peer_text(const sockaddr* address, socklen_t size) {
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  const bool known = address != nullptr &&
                     getnameinfo(address, size, host.data(), host.size(), port.data(), port.size(), NI_NUMERICHOST | NI_NUMERICSERV) == 0;
  if (!known) return "unknown";
  const std::string name{host.data()};
  return (name.find(':') == std::string::npos ? name : "[" + name + "]") + ":" + port.data();
}

// Of a connected socket.
inline std::string peer_text(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  return getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0 ? peer_text(generic, size) : "unknown";
}

}  // namespace server
