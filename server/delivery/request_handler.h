// RequestHandler: what HttpServer serves. Called on any of the server's threads, many at once; must not block.
#pragma once

#include "server/delivery/message.h"

namespace server {

class RequestHandler {
 public:
  virtual Response answer(const Request& request, base::UtcTime now) = 0;
  // After the last byte went to the kernel, or the connection ended before: `sent` is what went out.
  virtual void finished(const Response& /*response*/, base::ByteCount /*sent*/, base::Duration /*took*/) {}
  virtual void connections_changed(int /*by*/) {}

 protected:
  ~RequestHandler() = default;
};

}  // namespace server
