#include "server/delivery/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include "base/errors.h"
#include "base/steady_timeline.h"
#include "server/delivery/body_files.h"
#include "server/delivery/fake_streams.h"
#include "server/delivery/media_site.h"

namespace server {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using testing::HasSubstr;
using testing::StartsWith;

// A blocking client whose every wait ends after ten seconds.
class Client {
 public:
  explicit Client(int port, int receive_buffer = 0) : socket_{io_} {
    socket_.open(tcp::v4());
    if (receive_buffer > 0) socket_.set_option(boost::asio::socket_base::receive_buffer_size(receive_buffer));
    const timeval limit{.tv_sec = 10, .tv_usec = 0};
    setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    socket_.connect({boost::asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port)});
  }
  Client& send(std::string_view text) {
    boost::system::error_code ignored;
    boost::asio::write(socket_, boost::asio::buffer(text), ignored);
    return *this;
  }
  // The next response: its header and, unless `head_only`, its body.
  std::string reply(bool head_only = false) {
    while (received_.find("\r\n\r\n") == std::string::npos && receive()) continue;
    const auto end = received_.find("\r\n\r\n");
    if (end == std::string::npos) return std::exchange(received_, {});
    const auto field = received_.find("Content-Length: ");
    const std::size_t length = head_only || field > end ? 0 : std::stoul(received_.substr(field + 16));
    while (received_.size() < end + 4 + length && receive()) continue;
    std::string reply = received_.substr(0, end + 4 + length);
    received_.erase(0, reply.size());
    return reply;
  }
  // Everything until the server closes.
  std::string rest() {
    while (receive()) continue;
    return std::exchange(received_, {});
  }
  std::string get(const std::string& target, const std::string& fields = "") {
    return send("GET " + target + " HTTP/1.1\r\nHost: t\r\n" + fields + "\r\n").reply();
  }

 private:
  bool receive() {
    std::array<char, 65536> chunk;
    const ssize_t got = ::recv(socket_.native_handle(), chunk.data(), chunk.size(), 0);
    EXPECT_FALSE(got < 0 && errno == EAGAIN) << "nothing came for ten seconds";
    if (got > 0) received_.append(chunk.data(), static_cast<std::size_t>(got));
    return got > 0;
  }
  boost::asio::io_context io_;
  tcp::socket socket_;
  std::string received_;
};

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() {
    signal(SIGPIPE, SIG_IGN);
    streams.add_ready("main", AccessPolicy::kOpen, 8'000'000);
  }
  HttpServer& start(HttpServer::Options options = {}) { return server.emplace(options, site); }
  double connections() {
    for (const auto& family : registry.Collect())
      if (family.name == "rehearsal_server_connections") return family.metric.front().gauge.value;
    return -1;
  }

  FakeStreams streams;
  TokenAuthority tokens{{.secret = std::string(32, 's')}};
  AuditLog audit{""};
  prometheus::Registry registry;
  CmcdLog cmcd{registry};
  MediaSite site{streams, tokens, audit, cmcd, registry};
  std::optional<HttpServer> server;
};

const std::string kSegment = "/live/main/video-720p/3.m4s";

TEST_F(HttpServerTest, ServesManyRequestsOnOneConnection) {
  Client client{start().port()};
  for (int i = 0; i < 5; ++i) EXPECT_THAT(client.get("/live/main/master.m3u8"), StartsWith("HTTP/1.1 200 OK\r\nDate: "));
}

// The first answers come from memory, later ones from a file.
TEST_F(HttpServerTest, SendsEveryByteOfALargeSegmentHoweverOftenItIsAsked) {
  Client client{start().port()};
  const std::string& stored = *find_segment(streams.find("main")->snapshot->tracks[0], "3.m4s")->bytes;
  for (int i = 0; i < 2 * BodyFiles::kWorthwhile; ++i) {
    const std::string reply = client.get(kSegment);
    EXPECT_TRUE(std::string_view{reply}.substr(reply.find("\r\n\r\n") + 4) == stored) << i;
  }
}

TEST_F(HttpServerTest, SendsARangeOfALargeSegmentHoweverOftenItIsAsked) {
  Client client{start().port()};
  const std::string& stored = *find_segment(streams.find("main")->snapshot->tracks[0], "3.m4s")->bytes;
  for (int i = 0; i < 2 * BodyFiles::kWorthwhile; ++i) {
    const std::string reply = client.get(kSegment, "Range: bytes=1000001-1100000\r\n");
    EXPECT_TRUE(std::string_view{reply}.substr(reply.find("\r\n\r\n") + 4) == std::string_view{stored}.substr(1'000'001, 100'000)) << i;
  }
}

TEST_F(HttpServerTest, HandsCmcdHeaderFieldsOn) {
  Client client{start().port()};
  const std::string reply = client.get(kSegment, "CMCD-Session: sid=\"s\",v=2\r\ncmcd-object: ot=v\r\nCMCD-Status: bs\r\n");
  client.get("/health");  // when it is answered, the one before is finished
  const auto session = cmcd.find("s");
  ASSERT_TRUE(session);
  EXPECT_EQ(static_cast<std::size_t>(session->bytes.count()), reply.size() - reply.find("\r\n\r\n") - 4);
  EXPECT_EQ(session->starved, 1u);
  EXPECT_EQ(session->by_object[static_cast<std::size_t>(CmcdObject::kVideo)].requests, 1u);
}

TEST(BodyFiles, GoWithTheirBodies) {
  BodyFiles files;
  auto body = std::make_shared<const std::string>(BodyFiles::kSmallest, 'x');
  EXPECT_EQ(files.of(body), nullptr);
  for (int i = 0; i < BodyFiles::kWorthwhile; ++i) files.of(body);
  EXPECT_NE(files.of(body), nullptr);
  EXPECT_EQ(files.size(), 1u);
  body.reset();
  EXPECT_EQ(files.size(), 0u);
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInOrder) {
  Client client{start().port()};
  std::string many;
  for (int i = 0; i < 100; ++i) many += i % 2 == 0 ? "GET /health HTTP/1.1\r\nHost: t\r\n\r\n" : "GET /none HTTP/1.1\r\nHost: t\r\n\r\n";
  client.send(many);
  for (int i = 0; i < 100; ++i) EXPECT_THAT(client.reply(), StartsWith(i % 2 == 0 ? "HTTP/1.1 200" : "HTTP/1.1 404"));
}

TEST_F(HttpServerTest, TakesARequestInSmallPieces) {
  Client client{start().port()};
  for (const char* piece : {"GE", "T /hea", "lth HTTP/1.", "1\r\nHo", "st: t\r", "\n\r", "\n"}) client.send(piece);
  EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, SendsNoBodyForHead) {
  Client client{start().port()};
  const std::string head = client.send("HEAD " + kSegment + " HTTP/1.1\r\nHost: t\r\n\r\n").reply(true);
  EXPECT_THAT(head, HasSubstr("Content-Length: 8000000"));
  EXPECT_THAT(client.get("/health"), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, ServesRanges) {
  Client client{start().port()};
  const std::string reply = client.get(kSegment, "Range: bytes=7999998-\r\n");
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 206 Partial Content"));
  EXPECT_THAT(reply, HasSubstr("Content-Length: 2\r\n"));
}

TEST_F(HttpServerTest, ClosesWhenAsked) {
  Client client{start().port()};
  const std::string reply = client.send("GET /health HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n").rest();
  EXPECT_THAT(reply, HasSubstr("Connection: close"));
}

struct Malformed {
  const char* why;
  std::string request;
  const char* status;
};

TEST_F(HttpServerTest, RefusesMalformedRequests) {
  const Malformed rows[] = {
      {"no HTTP", "hello\r\n\r\n", "HTTP/1.1 400"},
      {"TLS", std::string("\x16\x03\x01\x02\x00\x01\x00\x01", 8) + std::string(500, 'x') + "\r\n\r\n", "HTTP/1.1 400"},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400"},
      {"two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "HTTP/1.1 400"},
      {"two lengths", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "HTTP/1.1 400"},
      {"folded header", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "HTTP/1.1 400"},
      {"body with POST", "POST /health HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", "HTTP/1.1 405"},
      {"huge header", "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n", "HTTP/1.1 431"},
      {"many headers",
       [] {
         std::string text = "GET / HTTP/1.1\r\nHost: a\r\n";
         for (int i = 0; i < 5000; ++i) text += "X-" + std::to_string(i) + ": y\r\n";
         return text + "\r\n";
       }(),
       "HTTP/1.1 431"},
  };
  start();
  for (const Malformed& row : rows) {
    const std::string reply = Client{server->port()}.send(row.request).rest();
    EXPECT_THAT(reply, StartsWith(row.status)) << row.why;
    EXPECT_THAT(reply, HasSubstr("Connection: close")) << row.why;
  }
}

TEST_F(HttpServerTest, DropsAReaderThatTakesNothing) {
  start({.write_timeout = 100ms});
  Client slow{server->port(), 4096};
  slow.send("GET " + kSegment + " HTTP/1.1\r\nHost: t\r\n\r\n");
  Client watcher{server->port()};
  const base::Instant begin = base::steady_now();
  while (watcher.get("/health").starts_with("HTTP/1.1 200") && connections() > 1 && base::steady_now() - begin < 10s) continue;
  EXPECT_EQ(connections(), 1);
  EXPECT_LT(slow.rest().size(), 8'000'000u);
}

TEST_F(HttpServerTest, DropsAClientThatSaysNothing) {
  start({.header_timeout = 50ms});
  EXPECT_EQ(Client{server->port()}.rest(), "");
}

TEST_F(HttpServerTest, DropsAClientThatNeverFinishesItsHeader) {
  start({.header_timeout = 100ms});
  EXPECT_EQ(Client{server->port()}.send("GET / HTTP/1.1\r\nHost: t\r\n").rest(), "");
}

TEST_F(HttpServerTest, DropsAnIdleConnection) {
  start({.idle_timeout = 50ms});
  Client client{server->port()};
  EXPECT_THAT(client.get("/health"), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(client.rest(), "");
}

TEST_F(HttpServerTest, AnswersBusyAboveItsMostConnections) {
  start({.most_connections = 1});
  Client first{server->port()};
  EXPECT_THAT(first.get("/health"), StartsWith("HTTP/1.1 200"));
  const std::string reply = Client{server->port()}.send("GET /health HTTP/1.1\r\nHost: t\r\n\r\n").rest();
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(reply, HasSubstr("Retry-After"));
}

TEST_F(HttpServerTest, ServesOnSeveralThreads) {
  start({.threads = 3});
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 9; ++i) clients.push_back(std::make_unique<Client>(server->port()));
  for (auto& client : clients) EXPECT_THAT(client->get("/live/main/master.m3u8"), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, StopsWhileClientsAreConnected) {
  Client idle{start().port()}, busy{server->port(), 4096};
  busy.send("GET " + kSegment + " HTTP/1.1\r\nHost: t\r\n\r\n");
  EXPECT_THAT(idle.get("/health"), StartsWith("HTTP/1.1 200"));
  server.reset();
  EXPECT_EQ(idle.rest(), "");
}

TEST_F(HttpServerTest, NamesTheAddressThatIsTaken) {
  start();
  try {
    HttpServer second{{.port = server->port()}, site};
    FAIL() << "two servers on one port";
  } catch (const base::RunFailed& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("127.0.0.1:" + std::to_string(server->port()) + ": Address already in use"));
  }
}

}  // namespace
}  // namespace server
