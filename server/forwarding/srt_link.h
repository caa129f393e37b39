// SrtLink: an SRT connection to a listener, for sending. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>

#include "base/resolver.h"
#include "server/forwarding/interrupt.h"
#include "server/package/forward.h"

namespace server {

// Why there is no connection: the rest of a sentence about the destination: "refuses the stream: wrong key (1401)".
struct NotConnected {
  std::string reason;
  bool is_answer = false;  // the destination's: another of its addresses would say the same
};

class SrtLink {
 public:
  // Calls the listener at that address of the URL's host. Requires: `interrupt` outlives the link.
  static std::variant<std::unique_ptr<SrtLink>, NotConnected> connect(const base::HostAddress& to, const ForwardUrl& url,
                                                                      const std::string& passphrase, const Interrupt& interrupt);
  ~SrtLink();
  // One message. False: the connection has ended, or `interrupt` ended the wait for room.
  bool send(std::span<const std::uint8_t> message);

 private:
  class Impl;
  explicit SrtLink(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace server
