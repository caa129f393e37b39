// Blocking IPv4 sockets for measurements; every failure is a base::RunFailed.
#pragma once

#include <netinet/in.h>

#include <optional>
#include <span>

#include "base/time.h"
#include "base/units.h"
#include "netem/model/backend.h"
#include "netem/topology/descriptor.h"

namespace netem {

inline constexpr std::int64_t kUdpHeaders = 28;  // IPv4 and UDP

class MeasuringSocket {
 public:
  // Bound to a free port of `own`.
  MeasuringSocket(Descriptor socket, Ipv4 own);

  int get() const { return socket_.get(); }
  sockaddr_in name() const;
  void set_patience(base::Duration patience);  // of all receiving; zero: for ever
  void connect_to(const sockaddr_in& peer);
  // False when the packet could not be sent just now.
  bool send(std::span<const std::uint8_t> bytes);
  void send_to(const sockaddr_in& peer, std::span<const std::uint8_t> bytes);
  // Equal datagrams with few system calls, which are what costs most in user-mode-linux.
  void send_many(std::span<const std::uint8_t> bytes, std::size_t count);
  // Payload size, or nothing when patience is over. `at`: when the kernel got it.
  std::optional<std::size_t> receive(std::span<std::uint8_t> into, base::UtcTime* at = nullptr, sockaddr_in* from = nullptr);

 private:
  Descriptor socket_;
};

}  // namespace netem
