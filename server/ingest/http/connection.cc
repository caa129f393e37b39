#include "server/ingest/http/connection.h"

#include "base/steady_timeline.h"

namespace server::http {

Connection::Connection(int socket, PublishPoints& points, Limits limits, base::Instant now)
    : TcpPublisher{socket, points, PublishProtocol::kHttp, limits, now} {}

std::optional<Refusal> Connection::consider(const PublishName& name) { return TcpPublisher::consider(name); }

std::optional<Refusal> Connection::enter(const PublishName& name, Container container) { return TcpPublisher::enter(name, container); }

void Connection::leave() { TcpPublisher::leave(); }

bool Connection::push(std::string_view bytes) { return publication().push(bytes); }

bool Connection::is_readable() const { return !publication().is_unreadable(); }

base::UtcTime Connection::utc_now() const { return base::utc_now(); }

}  // namespace server::http
