// Connection: a publisher over HTTP: its socket and the session that reads it.
#pragma once

#include <optional>
#include <string_view>

#include "server/ingest/http/session.h"
#include "server/ingest/publish_points.h"
#include "server/ingest/tcp_publisher.h"

namespace server::http {

class Connection final : public TcpPublisher, private SessionHost {
 public:
  // Owns the socket from now on. Requires: it does not block; `points` outlives the connection.
  Connection(int socket, PublishPoints& points, Limits limits, base::Instant now);

 private:
  PublishSession& session() override { return session_; }
  std::optional<Refusal> consider(const PublishName& name) override;
  std::optional<Refusal> enter(const PublishName& name, Container container) override;
  void leave() override;
  bool push(std::string_view bytes) override;
  bool is_readable() const override;
  base::UtcTime utc_now() const override;

  Session session_{*this};
};

}  // namespace server::http
