// SrtLink: an SRT connection to a listener, for sending. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "server/forwarding/interrupt.h"
#include "server/package/forward.h"

namespace server {

class SrtLink {
 public:
  // Calls the listener. The error is the rest of a sentence about it: "refuses the stream: wrong key (1401)". Requires: `interrupt`
  // outlives the link.
  static base::Result<std::unique_ptr<SrtLink>> connect(const ForwardUrl& url, const std::string& passphrase, const Interrupt& interrupt);
  ~SrtLink();
  // One message. False: the connection has ended, or `interrupt` ended the wait for room.
  bool send(std::span<const std::uint8_t> message);

 private:
  class Impl;
  explicit SrtLink(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace server
