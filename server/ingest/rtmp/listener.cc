#include "server/ingest/rtmp/listener.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <list>
#include <thread>
#include <utility>
#include <vector>

#include "base/errors.h"
#include "base/steady_timeline.h"
#include "server/ingest/rtmp/connection.h"

namespace server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using rtmp::Connection;

constexpr auto kResult = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kReadBuffer = 256 * 1024;
constexpr base::Duration kSweepPeriod = std::chrono::milliseconds{100};  // how soon a publisher that was taken over is hung up
constexpr base::Duration kAcceptPause = std::chrono::milliseconds{50};   // when there is no descriptor left
constexpr int kBacklog = 1024;

// Nothing throws here; if it does, that is a bug and not hidden.
void rethrow(std::exception_ptr escaped) {
  if (escaped) std::rethrow_exception(escaped);
}

}  // namespace

// All but the constructor and the destructor is the listener's thread's.
class RtmpListener::Impl {
 public:
  Impl(const Options& options, PublishPoints& points) : options_{options}, points_{points} {
    listen();
    asio::co_spawn(io_, accept_all(this), rethrow);
    asio::co_spawn(io_, sweep(this), rethrow);
    thread_ = std::thread{[this] { io_.run(); }};
  }

  ~Impl() {
    asio::post(io_, [this] { stop(); });
    thread_.join();
  }

  int port() const { return acceptor_port_; }

 private:
  void listen() {
    try {
      const tcp::endpoint endpoint{asio::ip::make_address(options_.host), static_cast<std::uint16_t>(options_.port)};
      acceptor_.open(endpoint.protocol());
      acceptor_.set_option(tcp::acceptor::reuse_address(true));
      acceptor_.bind(endpoint);
      acceptor_.listen(kBacklog);
      acceptor_port_ = acceptor_.local_endpoint().port();
    } catch (const boost::system::system_error& failure) {
      throw base::RunFailed(fmt::format("listen for RTMP on {}:{} (TCP): {}", options_.host, options_.port, failure.code().message()));
    }
  }

  void stop() {
    stopping_ = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    alarm_.cancel();
    pause_.cancel();
    for (const auto& connection : connections_) connection->hang_up();
  }

  static asio::awaitable<void> accept_all(Impl* self) {
    while (!self->stopping_) {
      auto [error, socket] = co_await self->acceptor_.async_accept(kResult);
      if (!error) {
        self->admit(std::move(socket));
      } else if (!self->stopping_) {
        self->pause_.expires_after(kAcceptPause);
        co_await self->pause_.async_wait(kResult);
      }
    }
  }

  void admit(tcp::socket socket) {
    boost::system::error_code error;
    socket.non_blocking(true, error);
    if (!error) socket.set_option(tcp::no_delay(true), error);
    if (error || stopping_ || !has_room()) return;
    connections_.push_back(std::make_shared<Connection>(
        std::move(socket), points_, Connection::Limits{.publish_timeout = options_.publish_timeout, .idle_timeout = options_.idle_timeout},
        base::steady_now()));
    asio::co_spawn(io_, serve(this, connections_.back()), rethrow);
  }

  // So many connections that never speak keep no publisher out.
  bool has_room() {
    if (connections_.size() < options_.most_connections) return true;
    const auto oldest =
        std::find_if(connections_.begin(), connections_.end(), [](const auto& connection) { return !connection->is_publishing(); });
    if (oldest == connections_.end()) return false;
    (*oldest)->hang_up();
    connections_.erase(oldest);
    return true;
  }

  // Waits and then reads, so that the buffer is filled and emptied in one go and one is enough for all.
  static asio::awaitable<void> serve(Impl* self, std::shared_ptr<Connection> connection) {
    for (;;) {
      auto [error] = co_await connection->socket().async_wait(tcp::socket::wait_read, kResult);
      if (error || !connection->receive(self->buffer_, base::steady_now())) break;
    }
    connection->hang_up();
    self->connections_.remove(connection);
  }

  // Hanging up ends the wait of the coroutine that serves the connection.
  static asio::awaitable<void> sweep(Impl* self) {
    while (!self->stopping_) {
      self->alarm_.expires_after(kSweepPeriod);
      co_await self->alarm_.async_wait(kResult);
      const base::Instant now = base::steady_now();
      for (const auto& connection : self->connections_)
        if (!connection->is_wanted(now)) connection->hang_up();
    }
  }

  const Options options_;
  PublishPoints& points_;
  asio::io_context io_{1};
  tcp::acceptor acceptor_{io_};
  asio::steady_timer alarm_{io_}, pause_{io_};
  int acceptor_port_ = 0;
  bool stopping_ = false;
  std::vector<std::uint8_t> buffer_ = std::vector<std::uint8_t>(kReadBuffer);
  std::list<std::shared_ptr<Connection>> connections_;
  std::thread thread_;
};

RtmpListener::RtmpListener(const Options& options, PublishPoints& points) : impl_{std::make_unique<Impl>(options, points)} {}
RtmpListener::~RtmpListener() = default;
int RtmpListener::port() const { return impl_->port(); }

}  // namespace server
