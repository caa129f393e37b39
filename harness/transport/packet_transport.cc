#include "harness/transport/packet_transport.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "base/ensure.h"
#include "harness/transport/tcp_viewer.h"
#include "harness/transport/transfer_names.h"

namespace harness {
namespace {

using Direction = TcpPacket::Direction;

// What receivers are told at the end of a turn.
struct PacketNews {
  TransferId id{};
  TransferReceiver* receiver = nullptr;  // null: cancelled meanwhile
  TransferProgress progress{};
  std::optional<TransportOutcome> outcome{};
};

}  // namespace

class PacketTransport::Impl {
 public:
  Impl(base::Timeline& timeline, ModelServer& server, std::function<ModelLink(base::ViewerId)> link_of, PacketOptions options)
      : timeline_{timeline}, server_{server}, link_of_{std::move(link_of)}, options_{options} {}

  TransferId start(TransportRequest&& request, TransferReceiver& receiver) {
    ENSURE(request.timeout > base::Duration{});
    const base::ViewerId id = request.viewer;
    TcpViewer& viewer = arrive(id);
    const base::Instant now = timeline_.now();
    last_key_ = (last_key_ + 1) & kTransferKeys;
    TcpExchange exchange{.key = last_key_, .receiver = &receiver, .started = now, .deadline = now + request.timeout};
    exchange.origin = origin_of(request.url);
    exchange.request = std::move(request);
    viewer.exchanges.push_back(std::move(exchange));
    viewer.assign(now, std::string{viewer.exchanges.back().origin});
    arm(id, viewer);
    return transfer_id(id, last_key_);
  }

  void cancel(TransferId id) {
    for (PacketNews& each : news_)
      if (each.id == id) each.receiver = nullptr;
    const auto found = viewers_.find(viewer_of(id));
    if (found == viewers_.end()) return;
    TcpExchange* exchange = found->second.find(key_of(id));
    if (exchange == nullptr) return;
    drop(found->second, *exchange);
    arm(found->first, found->second);
  }

  void leave(base::ViewerId id) {
    const auto found = viewers_.find(id);
    if (found == viewers_.end()) return;
    ENSURE(found->second.exchanges.empty());
    viewers_.erase(found);
  }

 private:
  TcpViewer& arrive(base::ViewerId id) {
    const auto found = viewers_.find(id);
    if (found != viewers_.end()) return found->second;
    const std::uint64_t seed = base::Random::stream(options_.seed, index_of(id)).next();
    const TcpViewer::Limits limits{options_.initial_window, options_.connections_per_host, options_.congestion_control, options_.watch,
                                   options_.bottleneck};
    return viewers_.try_emplace(id, link_of_(id), seed, limits).first->second;
  }

  // The client lets go: its connection, if it has one, is closed.
  void drop(TcpViewer& viewer, const TcpExchange& exchange) {
    const std::string origin = exchange.origin;
    TcpConnection* connection = viewer.connection_of(exchange.connection);
    viewer.forget(exchange);
    if (connection != nullptr && !connection->client_closed) viewer.close(timeline_.now(), *connection);
    viewer.assign(timeline_.now(), origin);
  }

  // One alarm per viewer, at whatever happens next.
  void arm(base::ViewerId id, TcpViewer& viewer) {
    const base::Instant next = viewer.next_event();
    if (next == viewer.wakes_at) return;
    viewer.wakes_at = next;
    viewer.alarm = next == kTcpNever ? base::Timer{} : timeline_.call_at(next, [this, id] { wake(id); });
  }

  // Receivers may start, cancel and leave, so they are told when all is done.
  void wake(base::ViewerId id) {
    TcpViewer& viewer = viewers_.at(id);
    viewer.wakes_at = kTcpNever;
    const base::Instant now = timeline_.now();
    while (const std::optional<TcpPacket> packet = viewer.path.take(now)) deliver(id, viewer, *packet);
    for (std::size_t i = 0; i < viewer.connections.size(); ++i) look_at_clock(viewer, *viewer.connections[i]);
    look_at_deadlines(id, viewer);
    viewer.bury();
    tell();
    const auto found = viewers_.find(id);
    if (found != viewers_.end()) arm(id, found->second);
  }

  void deliver(base::ViewerId id, TcpViewer& viewer, const TcpPacket& packet) {
    TcpConnection* connection = viewer.connection_of(packet.connection);
    ENSURE(connection != nullptr);
    --connection->flying;
    if (packet.direction == Direction::kUp)
      arrive_at_server(viewer, *connection, packet.segment);
    else
      arrive_at_client(id, viewer, *connection, packet.segment);
  }

  void arrive_at_server(TcpViewer& viewer, TcpConnection& connection, const TcpSegment& segment) {
    const base::Instant now = timeline_.now();
    if (segment.has(TcpSegment::kRst)) return void(connection.server_gone = true);
    if (connection.server_gone) return viewer.reset(now, connection, segment, Direction::kDown);
    connection.server.receive(now, segment, viewer.out);
    viewer.send(now, connection, Direction::kDown);
    if (connection.awaits_request && connection.server.received() >= connection.requested) hear(connection);
  }

  void hear(TcpConnection& connection) {
    connection.awaits_request = false;
    connection.reply = server_.reply(timeline_.now(), connection.request);
    const auto body = base::ByteCount::bytes(static_cast<std::int64_t>(connection.reply.body.size()));
    connection.reply.bytes = std::max(connection.reply.bytes, body);
    connection.answers_at = timeline_.now() + connection.reply.think;
  }

  void look_at_clock(TcpViewer& viewer, TcpConnection& connection) {
    const base::Instant now = timeline_.now();
    if (!connection.client_closed && connection.client.wakes_at() <= now) {
      connection.client.wake(now, viewer.out);
      viewer.send(now, connection, Direction::kUp);
    }
    if (connection.server_gone) return;
    if (connection.server.wakes_at() <= now) connection.server.wake(now, viewer.out);
    if (connection.answers_at <= now) answer(viewer, connection);
    viewer.send(now, connection, Direction::kDown);
  }

  void answer(TcpViewer& viewer, TcpConnection& connection) {
    connection.answers_at = kTcpNever;
    const ModelReply& reply = connection.reply;
    if (!reply.failure.empty() && reply.bytes == base::ByteCount{}) {
      connection.server_gone = true;
      viewer.out.push_back({.flags = TcpSegment::kRst});
      return;
    }
    const std::uint64_t size = kAnswerHeaders + static_cast<std::uint64_t>(reply.bytes.count());
    connection.answered += size;
    connection.server.write(timeline_.now(), size, viewer.out);
  }

  void arrive_at_client(base::ViewerId id, TcpViewer& viewer, TcpConnection& connection, const TcpSegment& segment) {
    const base::Instant now = timeline_.now();
    if (connection.client_closed) return viewer.reset(now, connection, segment, Direction::kUp);
    if (segment.has(TcpSegment::kRst)) return break_off(id, viewer, connection);
    const bool was_established = connection.client.is_established();
    connection.client.receive(now, segment, viewer.out);
    viewer.send(now, connection, Direction::kUp);
    if (!was_established && connection.client.is_established()) {
      connection.idle_since = now;
      return viewer.assign(now, std::string{connection.origin});
    }
    if (TcpExchange* exchange = viewer.exchange_of(connection)) read(id, viewer, connection, *exchange);
  }

  // Only a server that fails resets; the word for it is in its reply.
  void break_off(base::ViewerId id, TcpViewer& viewer, TcpConnection& connection) {
    TcpExchange* exchange = viewer.exchange_of(connection);
    connection.client_closed = true;
    if (exchange != nullptr) finish(id, viewer, *exchange, std::string{connection.reply.failure});
  }

  void read(base::ViewerId id, TcpViewer& viewer, TcpConnection& connection, TcpExchange& exchange) {
    if (connection.client.received() <= std::max(connection.answer_begin, exchange.heard)) return;
    exchange.heard = connection.client.received();
    const base::Instant now = timeline_.now();
    if (!exchange.first_byte) exchange.first_byte = exchange.reports_at = now;
    const std::uint64_t got = connection.client.received() - connection.answer_begin;
    exchange.received = base::ByteCount::bytes(static_cast<std::int64_t>(got > kAnswerHeaders ? got - kAnswerHeaders : 0));
    if (got >= kAnswerHeaders && exchange.received >= connection.reply.bytes)
      return finish(id, viewer, exchange, std::string{connection.reply.failure});
    const int status = connection.reply.status;
    exchange.has_news = exchange.request.progress_every > base::Duration{} && status >= 200 && status < 300;
    if (exchange.has_news && exchange.reports_at <= now) report(id, connection.reply, exchange);
  }

  void report(base::ViewerId id, const ModelReply& reply, TcpExchange& exchange) {
    exchange.has_news = false;
    exchange.reports_at = timeline_.now() + exchange.request.progress_every;
    TransferProgress progress{.received = exchange.received, .expected = reply.bytes, .ttfb = *exchange.first_byte - exchange.started};
    news_.push_back({.id = transfer_id(id, exchange.key), .receiver = exchange.receiver, .progress = progress});
  }

  void look_at_deadlines(base::ViewerId id, TcpViewer& viewer) {
    const base::Instant now = timeline_.now();
    for (std::size_t i = 0; i < viewer.exchanges.size();) {
      TcpExchange& exchange = viewer.exchanges[i];
      if (exchange.deadline <= now) {
        finish(id, viewer, exchange, "timeout");
        continue;
      }
      if (exchange.has_news && exchange.reports_at <= now) report(id, viewer.connection_of(exchange.connection)->reply, exchange);
      ++i;
    }
  }

  void finish(base::ViewerId id, TcpViewer& viewer, TcpExchange& exchange, std::string failure) {
    const base::Instant now = timeline_.now();
    TcpConnection* connection = viewer.connection_of(exchange.connection);
    TransportOutcome outcome;
    outcome.failure = std::move(failure);
    outcome.bytes = exchange.received;
    outcome.took = now - exchange.started;
    outcome.opened = exchange.opened;
    if (exchange.first_byte) {
      outcome.ttfb = *exchange.first_byte - exchange.started;
      outcome.status = connection->reply.status;
      outcome.retry_after = connection->reply.retry_after;
      if (exchange.request.cache != CacheUse::kNone) outcome.caching = std::move(connection->reply.caching);
    }
    const bool failed = !outcome.failure.empty();
    if (!failed && exchange.request.keep_body) outcome.body = std::move(connection->reply.body);
    news_.push_back({.id = transfer_id(id, exchange.key), .receiver = exchange.receiver, .outcome = std::move(outcome)});
    if (failed) return drop(viewer, exchange);
    viewer.forget(exchange);
    connection->exchange.reset();
    connection->idle_since = now;
    viewer.assign(now, std::string{connection->origin});
  }

  void tell() {
    for (std::size_t i = 0; i < news_.size(); ++i) {
      if (news_[i].receiver == nullptr) continue;
      PacketNews each = std::move(news_[i]);
      if (each.outcome)
        each.receiver->on_outcome(each.id, std::move(*each.outcome));
      else
        each.receiver->on_progress(each.id, each.progress);
    }
    news_.clear();
  }

  base::Timeline& timeline_;
  ModelServer& server_;
  std::function<ModelLink(base::ViewerId)> link_of_;
  PacketOptions options_;
  std::unordered_map<base::ViewerId, TcpViewer> viewers_;
  std::vector<PacketNews> news_;  // of this turn
  std::uint64_t last_key_ = 0;
};

PacketTransport::PacketTransport(base::Timeline& timeline, ModelServer& server, std::function<ModelLink(base::ViewerId)> link_of,
                                 PacketOptions options)
    : impl_{std::make_unique<Impl>(timeline, server, std::move(link_of), options)} {}
PacketTransport::~PacketTransport() = default;
TransferId PacketTransport::start(TransportRequest&& request, TransferReceiver& receiver) {
  return impl_->start(std::move(request), receiver);
}
void PacketTransport::cancel(TransferId id) { impl_->cancel(id); }
void PacketTransport::leave(base::ViewerId viewer) { impl_->leave(viewer); }

}  // namespace harness
