#include "server/ingest/http/listener.h"

#include "server/ingest/http/connection.h"

namespace server {

HttpListener::HttpListener(const Options& options, PublishPoints& points)
    : listener_{"HTTP", options, [&points](int socket, TcpPublisher::Limits limits, base::Instant now) {
                  return std::make_unique<http::Connection>(socket, points, limits, now);
                }} {}

}  // namespace server
