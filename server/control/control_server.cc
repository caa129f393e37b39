#include "server/control/control_server.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <pistache/endpoint.h>
#include <pistache/http.h>
#include <pistache/peer.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <atomic>
#include <utility>

#include "base/errors.h"
#include "base/steady_timeline.h"
#include "server/control/replies.h"

namespace server {
namespace {

namespace http = Pistache::Http;

constexpr std::size_t kLargestRequest = 64 * 1024;

Verb verb_of(http::Method method) {
  switch (method) {
    case http::Method::Get:
      return Verb::kGet;
    case http::Method::Head:
      return Verb::kHead;
    case http::Method::Post:
      return Verb::kPost;
    case http::Method::Delete:
      return Verb::kDelete;
    case http::Method::Options:
      return Verb::kOptions;
    default:
      return Verb::kOther;
  }
}

std::string raw_field(const http::Request& request, const char* name) {
  const auto raw = request.headers().tryGetRaw(name);
  return raw ? raw->value() : std::string{};
}

ControlRequest translated(const http::Request& request) {
  const auto authorization = request.headers().tryGet<http::Header::Authorization>();
  ControlRequest out{.verb = verb_of(request.method()), .path = request.resource()};
  out.body = request.body();
  out.authorization = authorization ? authorization->value() : std::string{};
  out.api_key = raw_field(request, "X-Api-Key");
  out.origin = raw_field(request, "Origin");
  out.limit = request.query().get("limit");
  out.after = request.query().get("after");
  out.peer = request.address().host();
  return out;
}

// A field whose name is not known at compile time. Pistache leaves the raw ones out of responses.
class Field final : public http::Header::Header {
 public:
  Field(std::string name, std::string value) : name_{std::move(name)}, value_{std::move(value)} {}
  const char* name() const override { return name_.c_str(); }
  void write(std::ostream& out) const override { out << value_; }
#ifdef SAFE_HEADER_CAST
  std::uint64_t hash() const override { return std::hash<std::string>{}(name_); }
#endif

 private:
  std::string name_, value_;
};

bool stays_open(const http::Request& request) {
  const auto connection = request.headers().tryGet<http::Header::Connection>();
  return connection && connection->control() == http::ConnectionControl::KeepAlive;
}

// Pistache announces the end of a connection and leaves it to the client; one that waits for it would wait for ever.
struct EndConnection {
  std::weak_ptr<Pistache::Tcp::Peer> peer;
  void operator()(ssize_t /*sent*/) const {
    if (const auto open = peer.lock()) ::shutdown(open->fd(), SHUT_WR);
  }
};

void send(const http::Request& request, http::ResponseWriter& writer, const ControlReply& reply) {
  const auto add = [&](const std::string& name, const std::string& value) { writer.headers().add(std::make_shared<Field>(name, value)); };
  add("Cache-Control", "no-store");
  if (reply.for_pages) {
    add("Access-Control-Allow-Origin", "*");
    add("Access-Control-Allow-Methods", "GET, HEAD, POST, OPTIONS");
    add("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Api-Key");
    add("Access-Control-Max-Age", "86400");
  }
  if (!reply.content_type.empty()) add("Content-Type", reply.content_type);
  for (const auto& [name, value] : reply.fields) add(name, value);
  const std::weak_ptr<Pistache::Tcp::Peer> peer = writer.peer();
  auto sending = writer.send(static_cast<http::Code>(reply.status), request.method() == http::Method::Head ? std::string{} : reply.body);
  if (!stays_open(request)) sending.then(EndConnection{peer}, Pistache::Async::NoExcept);
}

bool listens_on(int fd, std::uint16_t port) {
  int listening = 0;
  socklen_t size = sizeof listening;
  if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || listening == 0) return false;
  sockaddr_storage address{};
  size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return false;
  if (address.ss_family == AF_INET) return reinterpret_cast<const sockaddr_in&>(address).sin_port == htons(port);
  return address.ss_family == AF_INET6 && reinterpret_cast<const sockaddr_in6&>(address).sin6_port == htons(port);
}

// Pistache listens with a queue of 128 whatever it is told and does not show its socket. A burst of 200 viewers overflows that, and
// those left out wait a second for their next SYN. Listening again on the same socket lengthens the queue.
void lengthen_accept_queue(std::uint16_t port) {
  constexpr int kQueue = 4096, kHighestFd = 4096;
  for (int fd = 0; fd < kHighestFd; ++fd)
    if (listens_on(fd, port)) ::listen(fd, kQueue);
}

// Pistache copies the handler for each worker; all share the API and the count.
class ApiHandler final : public http::Handler {
 public:
  HTTP_PROTOTYPE(ApiHandler)
  ApiHandler(ControlApi& api, std::size_t most_connections) : api_{&api}, most_connections_{most_connections} {}

  void onRequest(const http::Request& request, http::ResponseWriter writer) override { send(request, writer, reply_to(request)); }

 private:
  using Count = std::atomic<std::size_t>;

  // Pistache has no limit. What its own onConnection() does comes first; the connection counts for as long as its peer exists.
  void onConnection(const std::shared_ptr<Pistache::Tcp::Peer>& peer) override {
    peer->putData(ParserData, std::make_shared<http::RequestParser>(getMaxRequestSize()));
    const bool full = open_->fetch_add(1) >= most_connections_;
    peer->putData("counted", std::shared_ptr<Count>{open_.get(), [open = open_](Count* count) { count->fetch_sub(1); }});
    if (full) ::shutdown(peer->fd(), SHUT_RDWR);
  }

  ControlReply reply_to(const http::Request& request) {
    try {
      return api_->answer(translated(request), base::utc_now());
    } catch (const std::exception& failure) {
      spdlog::error("{} failed: {}", request.resource(), failure.what());
      return problem_reply(500, "internal", "The request could not be served; the log says why");
    }
  }

  ControlApi* api_;
  std::size_t most_connections_;
  std::shared_ptr<Count> open_ = std::make_shared<Count>(0);
};

}  // namespace

class ControlServer::Impl {
 public:
  Impl(const Options& options, ControlApi& api)
      : endpoint_{Pistache::Address{options.host, Pistache::Port{static_cast<std::uint16_t>(options.port)}}} {
    endpoint_.init(http::Endpoint::options()
                       .threads(options.threads)
                       .flags(Pistache::Tcp::Options::ReuseAddr)
                       .maxRequestSize(kLargestRequest)
                       .headerTimeout(std::chrono::seconds{10})
                       .bodyTimeout(std::chrono::seconds{10})
                       .keepaliveTimeout(options.idle_timeout));
    endpoint_.setHandler(std::make_shared<ApiHandler>(api, options.most_connections));
    try {
      endpoint_.serveThreaded();
    } catch (const std::exception& failure) {
      throw base::RunFailed(fmt::format("listen on {}:{}: {}", options.host, options.port, failure.what()));
    }
    lengthen_accept_queue(static_cast<std::uint16_t>(port()));
  }
  ~Impl() { endpoint_.shutdown(); }

  int port() const { return static_cast<int>(static_cast<std::uint16_t>(endpoint_.getPort())); }

 private:
  http::Endpoint endpoint_;
};

ControlServer::ControlServer(const Options& options, ControlApi& api) : impl_{std::make_unique<Impl>(options, api)} {}
ControlServer::~ControlServer() = default;
int ControlServer::port() const { return impl_->port(); }

}  // namespace server
