// HttpServer: HTTP/1.1 on one address. N threads, each with its own io_context; a connection lives and dies on one thread. Bodies
// go from the segment store to the kernel without a copy. Slow, silent and oversized clients are cut off. Requires: SIGPIPE is ignored.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "server/delivery/request_handler.h"

namespace server {

class HttpServer {
 public:
  struct Options {
    std::string host = "127.0.0.1";
    int port = 0;  // 0: any free one
    int threads = 1;
    std::size_t most_connections = 16'000;                     // more are answered 503
    base::Duration idle_timeout = std::chrono::seconds{60};    // between requests
    base::Duration header_timeout = std::chrono::seconds{10};  // from a request's first byte to its last
    base::Duration write_timeout = std::chrono::seconds{15};   // without the client taking a byte
  };
  // Listens when it returns. Throws RunFailed ("listen on 127.0.0.1:8080: Address already in use").
  HttpServer(const Options& options, RequestHandler& handler);
  // Closes every connection and joins the threads.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace server
