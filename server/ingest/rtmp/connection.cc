#include "server/ingest/rtmp/connection.h"

namespace server::rtmp {

Connection::Connection(int socket, PublishPoints& points, Limits limits, base::Instant now)
    : TcpPublisher{socket, points, PublishProtocol::kRtmp, limits, now} {}

std::optional<Refusal> Connection::enter(const PublishName& name) { return TcpPublisher::enter(name, Container::kFlv); }

void Connection::leave() { TcpPublisher::leave(); }

bool Connection::push(std::span<const std::span<const char>> pieces) { return publication().push(pieces); }

}  // namespace server::rtmp
