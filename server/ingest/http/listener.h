// HttpListener: one TCP port for all contributions over HTTP: each is the body of one long PUT or POST. Its URL says which point it is for
// (upload_request.h); what the points refuse is answered before the body has been read.
#pragma once

#include "server/ingest/publish_points.h"
#include "server/ingest/tcp_listener.h"

namespace server {

class HttpListener {
 public:
  using Options = TcpListener::Options;
  // Throws base::RunFailed naming the address and the reason. Requires: `points` outlives the listener.
  HttpListener(const Options& options, PublishPoints& points);

  int port() const { return listener_.port(); }

 private:
  TcpListener listener_;
};

}  // namespace server
