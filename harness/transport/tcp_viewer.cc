#include "harness/transport/tcp_viewer.h"

#include <algorithm>

namespace harness {
namespace {

using base::Instant;

}  // namespace

std::uint64_t request_size(const TransportRequest& request, std::size_t origin_size) {
  std::uint64_t size = kRequestHeaders + request.url.size() - origin_size;
  for (const auto& [name, value] : request.headers) size += name.size() + value.size() + 4;
  return size;
}

void TcpViewer::assign(Instant now, const std::string& origin) {
  int connecting = 0, open = 0, waiting = 0;
  for (const auto& each : connections) {
    if (each->origin != origin || each->client_closed) continue;
    ++open;
    if (each->is_connecting()) ++connecting;
  }
  for (TcpExchange& each : exchanges) {
    if (each.connection != 0 || each.origin != origin) continue;
    if (TcpConnection* idle = latest_idle(origin))
      ask(now, *idle, each);
    else
      ++waiting;
  }
  for (; connecting < waiting && open < limits_.connections_per_host; ++connecting, ++open) connect(now, origin);
}

TcpConnection* TcpViewer::latest_idle(const std::string& origin) const {
  TcpConnection* latest = nullptr;
  for (const auto& each : connections)
    if (each->origin == origin && each->is_idle() && (latest == nullptr || each->idle_since > latest->idle_since)) latest = each.get();
  return latest;
}

void TcpViewer::connect(Instant now, const std::string& origin) {
  ++last_connection_;
  const TcpConnection::Options options{limits_.initial_window, limits_.control, base::Random::stream(seed_, last_connection_).next()};
  connections.push_back(std::make_unique<TcpConnection>(last_connection_, origin, options));
  TcpConnection& connection = *connections.back();
  connection.client.connect(now, out);
  send(now, connection, Direction::kUp);
}

void TcpViewer::ask(Instant now, TcpConnection& connection, TcpExchange& exchange) {
  exchange.connection = connection.serial;
  exchange.opened = connection.requested == 0;
  connection.exchange = exchange.key;
  connection.answer_begin = connection.answered;
  connection.request = exchange.request;
  connection.awaits_request = true;
  const std::uint64_t size = request_size(exchange.request, exchange.origin.size()) + exchange.request.body.size();
  connection.requested += size;
  connection.client.write(now, size, out);
  send(now, connection, Direction::kUp);
}

void TcpViewer::send(Instant now, TcpConnection& connection, Direction direction) {
  for (const TcpSegment& segment : out) {
    const TcpPacket packet{.direction = direction, .connection = connection.serial, .segment = segment};
    const int copies = path.send(now, packet);
    connection.flying += copies;
    if (limits_.watch) limits_.watch(packet, copies > 0);
  }
  out.clear();
}

void TcpViewer::close(Instant now, TcpConnection& connection) {
  connection.client_closed = true;
  connection.exchange.reset();
  out.push_back({.flags = TcpSegment::kAck | TcpSegment::kFin, .ack = connection.client.received()});
  send(now, connection, Direction::kUp);
}

void TcpViewer::reset(Instant now, TcpConnection& connection, const TcpSegment& cause, Direction direction) {
  if (cause.length == 0) return;
  out.push_back({.flags = TcpSegment::kRst});
  send(now, connection, direction);
}

void TcpViewer::bury() {
  std::erase_if(connections, [](const auto& each) { return each->is_over(); });
}

Instant TcpViewer::next_event() const {
  Instant next = path.next_due();
  for (const auto& each : connections) next = std::min(next, each->wakes_at());
  for (const TcpExchange& each : exchanges) {
    next = std::min(next, each.deadline);
    if (each.has_news) next = std::min(next, each.reports_at);
  }
  return next;
}

TcpConnection* TcpViewer::connection_of(std::uint32_t serial) {
  for (const auto& each : connections)
    if (each->serial == serial) return each.get();
  return nullptr;
}

TcpExchange* TcpViewer::exchange_of(const TcpConnection& connection) { return connection.exchange ? find(*connection.exchange) : nullptr; }

TcpExchange* TcpViewer::find(std::uint64_t key) {
  for (TcpExchange& each : exchanges)
    if (each.key == key) return &each;
  return nullptr;
}

}  // namespace harness
