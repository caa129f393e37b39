// Connection: a publisher over RTMP: its socket and the session that reads it.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "server/ingest/publish_points.h"
#include "server/ingest/rtmp/session.h"
#include "server/ingest/tcp_publisher.h"

namespace server::rtmp {

class Connection final : public TcpPublisher, private SessionHost {
 public:
  // Owns the socket from now on. Requires: it does not block; `points` outlives the connection.
  Connection(int socket, PublishPoints& points, Limits limits, base::Instant now);

 private:
  PublishSession& session() override { return session_; }
  std::optional<Refusal> enter(const PublishName& name) override;
  void leave() override;
  bool push(std::span<const std::span<const char>> pieces) override;

  Session session_{*this};
};

}  // namespace server::rtmp
