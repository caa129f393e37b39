#include "tests/contract/script_server.h"

#include <fmt/format.h>

#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>

namespace contract {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr const char* kTag = "\"v1\"";
constexpr const char* kKept = "Cache-Control: max-age=60\r\nETag: \"v1\"\r\n";

std::size_t number_after(std::string_view path, std::string_view prefix) {
  return static_cast<std::size_t>(std::strtoull(std::string{path.substr(prefix.size())}.c_str(), nullptr, 10));
}

std::string answer(int status, std::string_view headers, std::string_view body) {
  return fmt::format("HTTP/1.1 {} Scripted\r\n{}Content-Length: {}\r\n\r\n{}", status, headers, body.size(), body);
}

std::string header_of(std::string_view request, std::string_view name) {
  const std::size_t at = request.find(fmt::format("\r\n{}: ", name));
  if (at == std::string_view::npos) return {};
  const std::size_t start = at + name.size() + 4;
  return std::string{request.substr(start, request.find("\r\n", start) - start)};
}

}  // namespace

// One keep-alive connection; requests are answered one after the other.
class ScriptServer::Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, std::weak_ptr<ScriptServer*> server)
      : socket_{std::move(socket)}, pause_{socket_.get_executor()}, server_{std::move(server)} {
    ++server_of().open_;
    ordinal_ = ++server_of().accepted_;
  }
  ~Connection() {
    if (const auto server = server_.lock()) --(*server)->open_;
  }

  void read() {
    boost::asio::async_read_until(socket_, boost::asio::dynamic_buffer(input_), "\r\n\r\n",
                                  [self = shared_from_this()](error_code error, std::size_t length) {
                                    if (!error && !self->server_.expired()) self->read_body(length);
                                  });
  }

 private:
  ScriptServer& server_of() { return **server_.lock(); }

  void read_body(std::size_t head_length) {
    head_ = input_.substr(0, head_length);
    input_.erase(0, head_length);
    const std::size_t length = static_cast<std::size_t>(std::atol(header_of(head_, "Content-Length").c_str()));
    const std::size_t missing = length - std::min(length, input_.size());
    boost::asio::async_read(socket_, boost::asio::dynamic_buffer(input_), boost::asio::transfer_exactly(missing),
                            [self = shared_from_this(), length](error_code error, std::size_t) {
                              if (error || self->server_.expired()) return;
                              self->body_ = self->input_.substr(0, length);
                              self->input_.erase(0, length);
                              self->respond();
                            });
  }

  void respond() {
    ScriptServer& server = server_of();
    server.sources_.push_back(socket_.remote_endpoint().address().to_string());
    server.last_request_ = head_;
    const std::string method = head_.substr(0, head_.find(' '));
    const std::string path = head_.substr(method.size() + 1, head_.find(' ', method.size() + 1) - method.size() - 1);
    server.connections_[path] = ordinal_;
    if (const auto offer = server.offers_.find(path); offer != server.offers_.end()) {
      ++offer->second.asked;
      return write(offer->second.answer);
    }
    if (path == "/kept" && header_of(head_, "If-None-Match") == kTag) return write(answer(304, kKept, ""));
    if (path == "/kept") return write(answer(200, kKept, "hello"));
    if (path == "/never") return watch_for_the_end();
    if (path == "/reset")
      return reset_after(fmt::format("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{}", std::string(kResetAfter, 'x')));
    if (path.starts_with("/slow/")) return trickle(number_after(path, "/slow/"));
    if (path == "/loop") return write(answer(302, "Location: /loop\r\n", ""));
    if (path.starts_with("/redirect/")) return write(answer(302, fmt::format("Location: {}\r\n", path.substr(9)), ""));
    if (path == "/connection") return write(answer(200, "", header_of(head_, "Connection")));
    if (path == "/ok") return write(answer(200, "", "hello"));
    if (path == "/farewell") return write(answer(200, "", "hello"), Then::kClose);
    if (path == "/busy") return write(answer(503, "Retry-After: 7\r\n", ""));
    if (path.starts_with("/bytes/")) return write(answer(200, "", std::string(number_after(path, "/bytes/"), 'x')));
    if (path == "/echo") return write(answer(200, "", fmt::format("{} {} {}", method, header_of(head_, "X-Test"), body_)));
    write(answer(404, "", ""));
  }

  enum class Then { kRead, kClose };
  void write(std::string bytes, Then then = Then::kRead) {
    output_ = std::move(bytes);
    boost::asio::async_write(socket_, boost::asio::buffer(output_), [self = shared_from_this(), then](error_code error, std::size_t) {
      if (!error && then == Then::kRead) self->read();
    });
  }

  void watch_for_the_end() {
    socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](error_code) {});
  }

  void reset_after(std::string bytes) {
    output_ = std::move(bytes);
    boost::asio::async_write(socket_, boost::asio::buffer(output_), [self = shared_from_this()](error_code, std::size_t) {
      self->pause_.expires_after(std::chrono::milliseconds{50});  // so that the bytes are read before the reset discards them
      self->pause_.async_wait([self](error_code) {
        self->socket_.set_option(boost::asio::socket_base::linger{true, 0});
        self->socket_.close();
      });
    });
  }

  void trickle(std::size_t left) {
    output_ = fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", left);
    trickle_on(left);
  }

  void trickle_on(std::size_t left) {
    const std::size_t piece = std::min<std::size_t>(left, 10'000);
    output_.append(piece, 'x');
    boost::asio::async_write(socket_, boost::asio::buffer(output_),
                             [self = shared_from_this(), left, piece](error_code error, std::size_t) {
                               self->output_.clear();
                               if (error) return;
                               if (left == piece) return self->read();
                               self->pause_.expires_after(std::chrono::milliseconds{10});
                               self->pause_.async_wait([self, left, piece](error_code) { self->trickle_on(left - piece); });
                             });
  }

  std::size_t ordinal_ = 0;
  tcp::socket socket_;
  boost::asio::steady_timer pause_;
  std::weak_ptr<ScriptServer*> server_;
  std::string input_, head_, body_, output_;
};

ScriptServer::ScriptServer(boost::asio::io_context& io)
    : acceptor_{io, {boost::asio::ip::make_address("127.0.0.1"), 0}}, alive_{std::make_shared<ScriptServer*>(this)} {
  accept();
}

ScriptServer::ScriptServer(boost::asio::io_context& io, int socket)
    : acceptor_{io, tcp::v4(), socket}, alive_{std::make_shared<ScriptServer*>(this)} {
  acceptor_.bind({tcp::v4(), 0});
  acceptor_.listen();
  accept();
}

ScriptServer::~ScriptServer() = default;

void ScriptServer::offer(const std::string& path, const std::string& headers, const std::string& body) {
  offer_whole(path, answer(200, headers, body));
}

void ScriptServer::accept() {
  acceptor_.async_accept([this, alive = std::weak_ptr{alive_}](error_code error, tcp::socket socket) {
    if (error || alive.expired()) return;
    std::make_shared<Connection>(std::move(socket), alive)->read();
    accept();
  });
}

harness::ModelReply ScriptModel::reply(base::Instant, const harness::TransportRequest& request) {
  const std::string path = request.url->substr(request.url->find('/', 8));
  const auto bytes_of = [&](std::string_view prefix) {
    return base::ByteCount::bytes(static_cast<std::int64_t>(number_after(path, prefix)));
  };
  if (path == "/never") return {.think = std::chrono::hours{1}};
  if (path == "/reset") return {.bytes = base::ByteCount::bytes(kResetAfter), .failure = "reset"};
  if (path == "/ok") return {.body = "hello"};
  const std::string* has = find_header(request, "If-None-Match");
  const harness::CacheFields kept{.max_age = std::chrono::seconds{60}, .etag = kTag};
  if (path == "/kept")
    return has != nullptr && *has == kTag ? harness::ModelReply{.status = 304, .caching = kept}
                                          : harness::ModelReply{.body = "hello", .caching = kept};
  if (path == "/busy") return {.status = 503, .retry_after = std::chrono::seconds{7}};
  if (path.starts_with("/slow/")) return {.bytes = bytes_of("/slow/")};
  if (path.starts_with("/bytes/")) return {.body = std::string(number_after(path, "/bytes/"), 'x')};
  if (path == "/refused") return {.failure = "refused"};
  if (path != "/echo") return {.status = 404};
  std::string test;
  for (const auto& [name, value] : request.headers)
    if (name == "X-Test") test = value;
  return {.body = fmt::format("{} {} {}", request.method, test, request.body)};
}

}  // namespace contract
