// Relay: network address translation at the level of TCP, from a namespace without a way out to the machine's own network. Listens in
// the namespace and connects from outside; the two halves of a connection are two TCP connections, so the impaired link ends here.
// Packet-level masquerading would need forwarding switched on in the machine's own namespace, which outlives a killed harness, cannot
// reach its loopback, and is not for unprivileged users. Owns one thread. IPv4 and IPv6 targets; players always use an IPv4 alias.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <memory>

#include "netem/topology/network_namespace.h"
#include "netem/topology/route_socket.h"

namespace netem {

class Relay {
 public:
  // `aliases`: addresses of `inside` (AnyIP) that stand for targets, one for each. Constructed on a thread of the machine's own
  // namespace.
  Relay(NetworkNamespace& inside, Ipv4Prefix aliases);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  // The alias under which players reach `target`; from then on it is listened to. The same target gets the same alias. Any thread.
  // Throws base::RunFailed when aliases or ports run out.
  sockaddr_in alias_of(const sockaddr_storage& target, socklen_t length);

  struct Stats {
    std::uint64_t connections = 0;  // accepted so far
    std::uint64_t refused = 0;      // by the target: the player sees a reset
  };
  Stats stats() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace netem
