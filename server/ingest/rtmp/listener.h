// RtmpListener: one TCP port for all contributions over RTMP. The app and the name that a publisher gives say which point it publishes to
// (publish_name.h); what the points refuse it is told, and hung up. Owns one thread, which never waits for a decoder or a peer.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/time.h"
#include "server/ingest/publish_points.h"

namespace server {

class RtmpListener {
 public:
  struct Options {
    std::string host = "127.0.0.1";
    int port = 0;                                              // 0: any free one
    std::size_t most_connections = 1000;                       // beyond that the oldest that does not publish gives way
    base::Duration publish_timeout = std::chrono::seconds{5};  // from connecting, or from unpublishing, to publishing
    base::Duration idle_timeout = std::chrono::seconds{10};    // without a byte from a publisher
  };
  // Throws base::RunFailed naming the address and the reason. Requires: `points` outlives the listener.
  RtmpListener(const Options& options, PublishPoints& points);
  ~RtmpListener();
  RtmpListener(const RtmpListener&) = delete;
  RtmpListener& operator=(const RtmpListener&) = delete;

  int port() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace server
