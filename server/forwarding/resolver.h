// A host's name to an address, without being held up by a name server that does not answer.
#pragma once

#include <sys/socket.h>

#include <string>

#include "base/result.h"
#include "server/forwarding/interrupt.h"

namespace server {

struct HostAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* generic() const { return reinterpret_cast<const sockaddr*>(&storage); }
  std::string host() const;  // as digits, without brackets
};

// The error is the resolver's. Waits until `interrupt` ends it.
base::Result<HostAddress> resolve_host(const std::string& host, int port, const Interrupt& interrupt);

}  // namespace server
