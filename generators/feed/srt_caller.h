// One outgoing SRT connection in live mode. Nothing here blocks: the connection is being made when the object exists, its state
// is asked for, and destroying it drops the connection at once, which the peer is told.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "generators/feed/endpoint.h"
#include "generators/feed/outlet.h"

namespace generators {

// libsrt's global state, counted by libsrt itself: alive while one of these is.
class SrtLibrary {
 public:
  SrtLibrary();
  ~SrtLibrary();
  SrtLibrary(const SrtLibrary&) = delete;
  SrtLibrary& operator=(const SrtLibrary&) = delete;
};

class SrtCaller {
 public:
  using State = Outlet::State;
  // Requires: a SrtLibrary. Throws base::RunFailed when there is no socket to be had.
  SrtCaller(const SrtDestination& destination, const Endpoint& endpoint);
  ~SrtCaller();
  SrtCaller(const SrtCaller&) = delete;
  SrtCaller& operator=(const SrtCaller&) = delete;

  State state() const;
  // Why it is lost: refused, not answered, or broken off.
  std::string reason() const;
  // False when the payload could not be queued (the peer does not keep up, or the connection is lost).
  bool send(std::span<const std::uint8_t> payload);
  // From now on nothing leaves this machine any more, no goodbye either, and the port is closed, as when the process is killed.
  void vanish();

 private:
  void open(const SrtDestination& destination, const Endpoint& endpoint);
  void set_options(const SrtDestination& destination);
  void take_port(int family);
  int socket_;
  int port_ = -1;  // the UDP socket, which libsrt owns
  std::string name_;
  mutable bool was_connected_ = false;
};

}  // namespace generators
