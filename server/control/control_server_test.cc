#include "server/control/control_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "base/errors.h"
#include "base/steady_timeline.h"
#include "server/delivery/fake_streams.h"

namespace server {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

enum class Then { kRead, kHalfClose };

// A connection on which every wait ends after ten seconds; the caller closes it.
int connected(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const timeval limit{.tv_sec = 10, .tv_usec = 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  return fd;
}

// One request on a connection of its own.
std::string exchange(int port, const std::string& request, Then then = Then::kRead) {
  const int fd = connected(port);
  std::string reply;
  if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) > 0) {
    if (then == Then::kHalfClose) shutdown(fd, SHUT_WR);
    std::array<char, 4096> chunk;
    for (ssize_t got = 0; (got = recv(fd, chunk.data(), chunk.size(), 0)) > 0;) reply.append(chunk.data(), static_cast<std::size_t>(got));
  }
  close(fd);
  return reply;
}

std::string message(const std::string& start, const std::string& fields, const std::string& body) {
  return start + " HTTP/1.1\r\nHost: t\r\nConnection: close\r\n" + fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

class ControlServerTest : public testing::Test {
 protected:
  std::string call(const std::string& start, const std::string& fields = "", const std::string& body = "") {
    return exchange(server.port(), message(start, fields, body));
  }
  FakeStreams streams;
  TokenAuthority tokens{{.secret = std::string(32, 's')}};
  AuditLog audit{""};
  prometheus::Registry registry;
  CmcdLog cmcd{registry};
  ControlApi api{{.api_key = "sesame", .open_tokens = true}, streams, tokens, audit, cmcd};
  ControlServer server{{}, api};
  ControlServer::Options small{.most_connections = 2, .idle_timeout = std::chrono::milliseconds{100}};
};

const std::string kKey = "Authorization: Bearer sesame\r\n";
const std::string kAskedOnce = "GET /v1/health HTTP/1.1\r\nHost: t\r\nConnection: keep-alive\r\n\r\n";

TEST_F(ControlServerTest, CreatesShowsAndRemovesAStream) {
  EXPECT_THAT(call("POST /v1/streams", kKey, R"({"name":"main"})"), StartsWith("HTTP/1.1 201"));
  EXPECT_THAT(call("GET /v1/streams/main", "X-Api-Key: sesame\r\n"), HasSubstr(R"("name": "main")"));
  EXPECT_THAT(call("GET /v1/streams?limit=1&after=zz", kKey), HasSubstr(R"("streams": [])"));
  EXPECT_THAT(call("DELETE /v1/streams/main", kKey), StartsWith("HTTP/1.1 204"));
}

TEST_F(ControlServerTest, AsksForTheKey) {
  const std::string reply = call("GET /v1/streams");
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 401"));
  EXPECT_THAT(reply, HasSubstr("WWW-Authenticate: Bearer"));
  EXPECT_THAT(reply, HasSubstr("application/problem+json"));
}

TEST_F(ControlServerTest, LetsABrowserAskFromAnotherOriginForWhatIsForViewers) {
  const std::string reply = call("OPTIONS /v1/tokens/refresh");
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 204"));
  EXPECT_THAT(reply, HasSubstr("Access-Control-Allow-Origin: *"));
  for (const char* start : {"OPTIONS /v1/streams", "GET /v1/streams", "OPTIONS /v1/tokens/revoke", "GET /v1/none"})
    EXPECT_THAT(call(start, kKey), Not(HasSubstr("Access-Control"))) << start;
}

TEST_F(ControlServerTest, RefusesAPageWhereThereIsNoKey) {
  ControlApi open{{}, streams, tokens, audit, cmcd};
  ControlServer another{{}, open};
  const std::string from = "Origin: https://evil.example\r\nContent-Type: text/plain\r\n", body = R"({"name":"main"})";
  EXPECT_THAT(exchange(another.port(), message("POST /v1/streams", from, body)), StartsWith("HTTP/1.1 403"));
  EXPECT_THAT(exchange(another.port(), message("POST /v1/streams", "", body)), StartsWith("HTTP/1.1 201"));
}

TEST_F(ControlServerTest, HangsUpWhoIsIdle) {
  ControlServer another{small, api};
  const base::Instant begin = base::steady_now();
  EXPECT_THAT(exchange(another.port(), kAskedOnce), StartsWith("HTTP/1.1 200"));  // returns when the server has hung up
  EXPECT_LT(base::steady_now() - begin, std::chrono::seconds{9});
}

TEST_F(ControlServerTest, HangsUpAboveItsMostConnections) {
  small.idle_timeout = std::chrono::seconds{60};
  ControlServer another{small, api};
  std::vector<int> open;  // who was answered on them is counted
  for (int i = 0; i < 2; ++i) {
    open.push_back(connected(another.port()));
    EXPECT_EQ(send(open.back(), kAskedOnce.data(), kAskedOnce.size(), MSG_NOSIGNAL), std::ssize(kAskedOnce));
    char first = 0;
    EXPECT_EQ(recv(open.back(), &first, 1, 0), 1);
  }
  const auto answered = [&] { return exchange(another.port(), message("GET /v1/health", "", "")).starts_with("HTTP/1.1 200"); };
  EXPECT_FALSE(answered());
  for (const int fd : open) close(fd);
  const base::Instant begin = base::steady_now();
  while (!answered() && base::steady_now() - begin < std::chrono::seconds{9}) continue;
  EXPECT_TRUE(answered());
}

TEST_F(ControlServerTest, SendsNoBodyForHead) {
  const std::string reply = call("HEAD /v1/health");
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 200"));
  EXPECT_TRUE(reply.ends_with("\r\n\r\n"));
}

TEST_F(ControlServerTest, SurvivesOddRequests) {
  for (const std::string& odd : {std::string{"\r\n\r\n"}, std::string{"GET\r\n\r\n"}, std::string{"BREW /v1 HTTP/1.1\r\n\r\n"},
                                 std::string(200, '\xff') + "\r\n\r\n", message("POST /v1/streams", kKey, std::string(70'000, 'x')),
                                 message("GET /%00/../v1", "Authorization:\r\nX-Api-Key:\r\n", "")})
    exchange(server.port(), odd + (odd.ends_with("\n") ? "" : "\r\n"), Then::kHalfClose);
  EXPECT_THAT(call("GET /v1/health"), StartsWith("HTTP/1.1 200"));
}

TEST_F(ControlServerTest, TakesABurstOfTokenRequests) {
  streams.add_ready("main", AccessPolicy::kToken);
  std::atomic<int> granted{0};
  std::vector<std::thread> viewers;
  for (int i = 0; i < 50; ++i)
    viewers.emplace_back(
        [&] { granted += call("POST /v1/tokens", "", R"({"stream":"main","subject":"v"})").starts_with("HTTP/1.1 201") ? 1 : 0; });
  for (auto& viewer : viewers) viewer.join();
  EXPECT_EQ(granted, 50);
}

TEST_F(ControlServerTest, NamesTheAddressThatIsTaken) {
  try {
    ControlServer second{{.port = server.port()}, api};
    FAIL() << "two servers on one port";
  } catch (const base::RunFailed& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("listen on 127.0.0.1:" + std::to_string(server.port()) + ": "));
    EXPECT_THAT(failure.what(), HasSubstr("in use"));
  }
}

}  // namespace
}  // namespace server
