// RtmpListener: one TCP port for all contributions over RTMP. The app and the name that a publisher gives say which point it publishes to
// (publish_name.h); what the points refuse it is told, and hung up.
#pragma once

#include "server/ingest/publish_points.h"
#include "server/ingest/tcp_listener.h"

namespace server {

class RtmpListener {
 public:
  using Options = TcpListener::Options;
  // Throws base::RunFailed naming the address and the reason. Requires: `points` outlives the listener.
  RtmpListener(const Options& options, PublishPoints& points);

  int port() const { return listener_.port(); }

 private:
  TcpListener listener_;
};

}  // namespace server
