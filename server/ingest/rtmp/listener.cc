#include "server/ingest/rtmp/listener.h"

#include "server/ingest/rtmp/connection.h"

namespace server {

RtmpListener::RtmpListener(const Options& options, PublishPoints& points)
    : listener_{"RTMP", options, [&points](int socket, TcpPublisher::Limits limits, base::Instant now) {
                  return std::make_unique<rtmp::Connection>(socket, points, limits, now);
                }} {}

}  // namespace server
