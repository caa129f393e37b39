// ControlServer: the REST API on Pistache, on a port of its own. Bodies are small both ways; nothing is streamed (Pistache 0.0.5
// serves one slow reader at a time). Silent and idle clients are hung up. One per process.
#pragma once

#include <memory>
#include <string>

#include "server/control/control_api.h"

namespace server {

class ControlServer {
 public:
  struct Options {
    std::string host = "127.0.0.1";
    int port = 0;  // 0: any free one
    int threads = 2;
    std::size_t most_connections = 2048;                     // more are hung up
    base::Duration idle_timeout = std::chrono::seconds{10};  // between requests
  };
  // Listens when it returns. Throws RunFailed ("listen on 127.0.0.1:8081: Address already in use").
  ControlServer(const Options& options, ControlApi& api);
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  int port() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace server
