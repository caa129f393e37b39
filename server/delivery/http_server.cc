#include "server/delivery/http_server.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <list>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/errors.h"
#include "base/steady_timeline.h"
#include "base/text.h"
#include "server/delivery/connection.h"

namespace server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto kResult = asio::as_tuple(asio::use_awaitable);
constexpr int kMostInARow = 32;  // pipelined responses before other connections get their turn
constexpr base::Duration kAcceptPause = std::chrono::milliseconds{50};

struct Worker;

struct Client {
  Client(Worker& on, tcp::socket s, const HttpServer::Options& options, RequestHandler& handler, BodyFiles& files, std::string peer,
         bool refuse);
  ~Client();
  Worker& worker;
  tcp::socket socket;
  Connection connection;
  std::list<Client*>::iterator place;
};

// One thread's loop with the clients that live on it.
struct Worker {
  Worker(std::atomic<std::size_t>& open_connections) : open{open_connections} {}
  Connection::Clock clock();
  void cut_off_late();
  void close_all();

  std::atomic<std::size_t>& open;
  std::list<Client*> clients;
  std::string date;
  std::int64_t date_second = -1;
  asio::io_context io{1};
  asio::steady_timer sweep{io};
  std::thread thread;
};

Client::Client(Worker& on, tcp::socket s, const HttpServer::Options& options, RequestHandler& handler, BodyFiles& files, std::string peer,
               bool refuse)
    : worker{on},
      socket{std::move(s)},
      connection{options, handler, files, std::move(peer), refuse, base::steady_now()},
      place{worker.clients.insert(worker.clients.end(), this)} {}

Client::~Client() {
  worker.clients.erase(place);
  worker.open.fetch_sub(1, std::memory_order_relaxed);
}

Connection::Clock Worker::clock() {
  const base::UtcTime utc = base::utc_now();
  const auto second = std::chrono::floor<std::chrono::seconds>(utc.time_since_epoch()).count();
  if (second != date_second) date = base::to_http_date(utc);
  date_second = second;
  return {base::steady_now(), utc, date};
}

// Closing a socket ends the wait of the coroutine that serves it.
void Worker::cut_off_late() {
  const base::Instant now = base::steady_now();
  boost::system::error_code ignored;
  for (Client* client : clients)
    if (client->connection.deadline() <= now) client->socket.close(ignored);
}

void Worker::close_all() {
  boost::system::error_code ignored;
  sweep.cancel();
  for (Client* client : clients) client->socket.close(ignored);
}

// One system call. Returns the bytes sent, or a negative number with errno.
ssize_t send_some(tcp::socket& socket, const Connection::Unsent& unsent) {
  const int fd = socket.native_handle();
  if (unsent.file >= 0 && unsent.memory[0].size() == 0) {
    off_t offset = static_cast<off_t>(unsent.file_offset);
    return ::sendfile(fd, unsent.file, &offset, unsent.file_count);
  }
  iovec parts[2];
  for (std::size_t i = 0; i < 2; ++i)
    parts[i] = {.iov_base = const_cast<void*>(unsent.memory[i].data()), .iov_len = unsent.memory[i].size()};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  return ::sendmsg(fd, &message, MSG_NOSIGNAL | (unsent.file >= 0 ? MSG_MORE : 0));
}

enum class Sent { kAll, kPartly, kGone };

// Sends what the kernel takes at once, which mostly is all.
Sent send_now(Client& client) {
  Connection& connection = client.connection;
  for (int i = 0; i < kMostInARow && connection.wish() == Connection::Wish::kWrite; ++i) {
    const Connection::Unsent unsent = connection.unsent();
    const bool head_only = unsent.file >= 0 && unsent.memory[0].size() > 0;
    const std::size_t wanted = asio::buffer_size(unsent.memory) + (head_only ? 0 : unsent.file_count);
    const ssize_t sent = send_some(client.socket, unsent);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return errno == EAGAIN ? Sent::kPartly : Sent::kGone;
    if (sent == 0) return Sent::kGone;
    connection.sent(static_cast<std::size_t>(sent), client.worker.clock());
    if (static_cast<std::size_t>(sent) < wanted) return Sent::kPartly;
  }
  return connection.wish() == Connection::Wish::kWrite ? Sent::kPartly : Sent::kAll;
}

asio::awaitable<void> serve(std::shared_ptr<Client> client) {
  using Wish = Connection::Wish;
  Connection& connection = client->connection;
  while (client->socket.is_open() && connection.wish() != Wish::kClose) {
    const Sent sent = send_now(*client);
    if (sent == Sent::kGone) break;
    if (sent == Sent::kPartly) {
      auto [error] = co_await client->socket.async_wait(tcp::socket::wait_write, kResult);
      if (error) break;
      continue;
    }
    if (connection.wish() == Wish::kShutdownAndRead) {
      boost::system::error_code ignored;
      client->socket.shutdown(tcp::socket::shutdown_send, ignored);
    }
    auto [error, bytes] = co_await client->socket.async_read_some(connection.room(), kResult);
    if (error) break;
    connection.received(bytes, client->worker.clock());
  }
}

void log_escaped(std::exception_ptr escaped) {
  if (!escaped) return;
  try {
    std::rethrow_exception(escaped);
  } catch (const std::exception& failure) {
    spdlog::error("a connection ended with: {}", failure.what());
  }
}

asio::awaitable<void> sweep_late(Worker* worker, base::Duration period, const std::atomic<bool>* stopping) {
  while (!*stopping) {
    worker->sweep.expires_after(period);
    co_await worker->sweep.async_wait(kResult);
    worker->cut_off_late();
  }
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(const Options& options, RequestHandler& handler) : options_{options}, handler_{handler} {
    for (int i = 0; i < std::max(1, options_.threads); ++i) workers_.push_back(std::make_unique<Worker>(open_));
    acceptor_.emplace(workers_.front()->io);
    listen();
    asio::co_spawn(workers_.front()->io, accept_all(this), log_escaped);
    const base::Duration shortest = std::min({options_.idle_timeout, options_.header_timeout, options_.write_timeout});
    const base::Duration period = std::clamp<base::Duration>(shortest / 4, std::chrono::milliseconds{5}, std::chrono::seconds{1});
    for (auto& worker : workers_) asio::co_spawn(worker->io, sweep_late(worker.get(), period, &stopping_), log_escaped);
    for (auto& worker : workers_) worker->thread = std::thread{[w = worker.get()] { w->io.run(); }};
  }

  ~Impl() {
    stopping_ = true;
    asio::post(workers_.front()->io, [this] { acceptor_->close(); });
    for (auto& worker : workers_) asio::post(worker->io, [w = worker.get()] { w->close_all(); });
    for (auto& worker : workers_) worker->thread.join();
  }

  int port() const { return port_; }

 private:
  void listen() {
    const std::string attempt = fmt::format("listen on {}:{}", options_.host, options_.port);
    try {
      const tcp::endpoint endpoint{asio::ip::make_address(options_.host), static_cast<std::uint16_t>(options_.port)};
      acceptor_->open(endpoint.protocol());
      acceptor_->set_option(tcp::acceptor::reuse_address(true));
      acceptor_->bind(endpoint);
      acceptor_->listen(4096);
      port_ = acceptor_->local_endpoint().port();
    } catch (const boost::system::system_error& failure) {
      throw base::RunFailed(fmt::format("{}: {}", attempt, failure.code().message()));
    }
  }

  static asio::awaitable<void> accept_all(Impl* self) {
    asio::steady_timer pause{self->workers_.front()->io};
    for (std::size_t turn = 0; !self->stopping_; ++turn) {
      Worker& worker = *self->workers_[turn % self->workers_.size()];
      auto [error, socket] = co_await self->acceptor_->async_accept(worker.io, kResult);
      if (!error) {
        self->admit(worker, std::move(socket));
      } else if (!self->stopping_) {
        // Out of descriptors, mostly: leave the others time to close theirs.
        spdlog::warn("a connection could not be accepted: {}", error.message());
        pause.expires_after(kAcceptPause);
        co_await pause.async_wait(kResult);
      }
    }
  }

  // The client is made on its own thread.
  void admit(Worker& worker, tcp::socket socket) {
    const std::size_t before = open_.fetch_add(1, std::memory_order_relaxed);
    const bool refuse = before >= options_.most_connections;
    const bool drop = before >= options_.most_connections + options_.most_connections / 8 + 16;
    asio::post(worker.io, [this, &worker, refuse, drop, s = std::move(socket)]() mutable {
      boost::system::error_code error;
      const tcp::endpoint peer = s.remote_endpoint(error);
      if (!error) s.non_blocking(true, error);
      if (!error) s.set_option(tcp::no_delay(true), error);
      if (error || drop || stopping_) return void(open_.fetch_sub(1, std::memory_order_relaxed));
      auto client = std::make_shared<Client>(worker, std::move(s), options_, handler_, files_, peer.address().to_string(), refuse);
      asio::co_spawn(worker.io, serve(std::move(client)), log_escaped);
    });
  }

  const Options options_;
  RequestHandler& handler_;
  BodyFiles files_;
  std::atomic<std::size_t> open_{0};
  std::atomic<bool> stopping_{false};
  std::vector<std::unique_ptr<Worker>> workers_;
  std::optional<tcp::acceptor> acceptor_;
  int port_ = 0;
};

HttpServer::HttpServer(const Options& options, RequestHandler& handler) : impl_{std::make_unique<Impl>(options, handler)} {}
HttpServer::~HttpServer() = default;
int HttpServer::port() const { return impl_->port(); }

}  // namespace server
