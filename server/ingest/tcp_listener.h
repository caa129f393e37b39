// TcpListener: one TCP port for publishers of one protocol, and one thread, which reads all their connections and never waits for a decoder
// or a peer.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "base/time.h"
#include "server/ingest/tcp_publisher.h"

namespace server {

class TcpListener {
 public:
  struct Options {
    std::string host = "127.0.0.1";
    int port = 0;                                              // 0: any free one
    std::size_t most_connections = 1000;                       // beyond that the oldest that does not publish gives way
    base::Duration publish_timeout = std::chrono::seconds{5};  // from connecting, or from unpublishing, to publishing
    base::Duration idle_timeout = std::chrono::seconds{10};    // without a byte from a publisher
  };
  // The connection of a socket that does not block, and that it owns from now on.
  using Make = std::function<std::unique_ptr<TcpPublisher>(int socket, TcpPublisher::Limits limits, base::Instant now)>;
  // `protocol` is for messages. Throws base::RunFailed naming the protocol, the address and the reason.
  TcpListener(const char* protocol, const Options& options, Make make);
  ~TcpListener();
  TcpListener(const TcpListener&) = delete;
  TcpListener& operator=(const TcpListener&) = delete;

  int port() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace server
