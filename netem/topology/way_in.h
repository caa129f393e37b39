// WayIn: lets the machine's own programs (a browser, curl, Prometheus) reach a TCP port of a namespace: a listener on loopback outside,
// connections from inside the namespace. Not impaired. Owns one thread.
#pragma once

#include <cstdint>
#include <memory>

#include "netem/topology/network_namespace.h"

namespace netem {

class WayIn {
 public:
  // `address`: of the namespace, host byte order. Constructed on a thread of the machine's own namespace.
  WayIn(NetworkNamespace& inside, std::uint32_t address);
  ~WayIn();
  WayIn(const WayIn&) = delete;
  WayIn& operator=(const WayIn&) = delete;

  // Opens a way to `port` and returns the port of 127.0.0.1 where it begins. Throws base::RunFailed.
  std::uint16_t open(std::uint16_t port);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace netem
