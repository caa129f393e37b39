#include "server/ingest/http/listener.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>
#include <optional>

#include "base/errors.h"
#include "server/ingest/socket_for_test.h"
#include "server/ingest/taker_for_test.h"

namespace server {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

// A publisher that says what it is told to.
class TestPublisher : public TestSocket {
 public:
  using TestSocket::TestSocket;

  void begin(const std::string& target, const std::string& fields = "Content-Type: video/mp2t\r\n",
             const std::string& method = "PUT") const {
    send(method + " " + target + " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n" + fields + "\r\n");
  }
  void media(const std::string& bytes) const { send(fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes)); }
  void end() const { send("0\r\n\r\n"); }
  // Up to the other end's closing.
  std::string answer() const {
    std::string all;
    for (std::string some = receive(); !some.empty(); some = receive()) all += some;
    return all;
  }
};

struct HttpListenerTest : testing::Test {
  HttpListenerTest() {
    points.open("main", {.protocol = PublishProtocol::kHttp, .key = "key"}, taker);
    points.open("main/backup", {.protocol = PublishProtocol::kHttp, .key = "backup key"}, backup_taker);
    points.open("open", {.protocol = PublishProtocol::kHttp}, open_taker);
    points.open("rtmp", {.protocol = PublishProtocol::kRtmp}, open_taker);
  }
  std::string answer_to(const std::string& target, const std::string& fields = "", const std::string& method = "PUT") const {
    const TestPublisher publisher{listener.port()};
    publisher.begin(target, fields, method);
    return publisher.answer();
  }
  Taker taker, backup_taker, open_taker;
  PublishPoints points;
  HttpListener listener{{}, points};
};

TEST_F(HttpListenerTest, HandsABodyToItsPoint) {
  const TestPublisher publisher{listener.port()};
  publisher.begin("/live/main?key=key");
  publisher.media("Gabc");
  publisher.media("def");
  publisher.end();
  EXPECT_THAT(publisher.answer(), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("{\"bytes\":7,\"dropped\":0}")));
  EXPECT_EQ(read_exactly(*taker.connection(0), 100), "Gabcdef");
  EXPECT_EQ(taker.container(0), Container::kMpegTs);
}

TEST_F(HttpListenerTest, TakesABackupWithItsKeyInTheHeader) {
  const TestPublisher publisher{listener.port()};
  publisher.begin("/live/main/backup", "Authorization: Bearer backup key\r\n", "POST");
  publisher.media("FLV\1\5");
  publisher.end();
  EXPECT_THAT(publisher.answer(), StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(backup_taker.container(0), Container::kFlv);
}

TEST_F(HttpListenerTest, RefusesWithTheReasonAndHangsUp) {
  struct Row {
    const char *target, *fields, *method, *status, *says;
  };
  const Row rows[] = {
      {"/live/ma%zin", "", "PUT", "400 Bad Request", "hexadecimal"},
      {"/live/main?key=wrong", "", "PUT", "401 Unauthorized", "The publish key is wrong"},
      {"/live/main", "", "PUT", "401 Unauthorized", "WWW-Authenticate: Bearer"},
      {"/live/none?key=key", "", "PUT", "404 Not Found", "no such stream"},
      {"/live/rtmp", "", "PUT", "404 Not Found", "that takes HTTP"},
      {"/other", "", "PUT", "404 Not Found", "write http://HOST/live/NAME?key=KEY"},
      {"/live/open", "", "DELETE", "405 Method Not Allowed", "Allow: PUT, POST"},
      {"/live/open", "Content-Type: text/html\r\n", "PUT", "415 Unsupported Media Type", "text/html"},
      {"/live/open", "Content-Length: 3\r\n", "PUT", "400 Bad Request", "not an HTTP/1.1 request"},
  };
  for (const Row& row : rows)
    EXPECT_THAT(answer_to(row.target, row.fields, row.method), AllOf(StartsWith("HTTP/1.1 " + std::string{row.status} + "\r\n"),
                                                                     HasSubstr("application/problem+json"), HasSubstr(row.says)))
        << row.target;
  EXPECT_THAT(answer_to("/live/open", "X: " + std::string(20'000, 'x') + "\r\n"), StartsWith("HTTP/1.1 431 "));
}

TEST_F(HttpListenerTest, AnswersWhoeverGoesOnSending) {
  const TestPublisher publisher{listener.port()};
  publisher.begin("/live/main?key=wrong");
  const std::string megabyte(1 << 20, 'G');
  for (int i = 0; i < 4; ++i) publisher.media(megabyte);
  EXPECT_THAT(publisher.answer(), StartsWith("HTTP/1.1 401 Unauthorized\r\n"));
}

TEST_F(HttpListenerTest, TellsAPublisherToGoOn) {
  const TestPublisher publisher{listener.port()};
  publisher.begin("/live/open", "Expect: 100-continue\r\n");
  EXPECT_EQ(publisher.receive(), "HTTP/1.1 100 Continue\r\n\r\n");
  publisher.media("G");
  publisher.end();
  EXPECT_THAT(publisher.answer(), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(HttpListenerTest, LetsAReconnectingPublisherTakeOverItsGhost) {
  const TestPublisher ghost{listener.port()}, again{listener.port()};
  ghost.begin("/live/main?key=key");
  ghost.media("G1");
  EXPECT_EQ(read_exactly(*taker.next(), 2), "G1");
  again.begin("/live/main?key=key");
  again.media("G2");
  EXPECT_EQ(read_exactly(*taker.next(), 2), "G2");
  EXPECT_TRUE(has_ended(*taker.connection(0)));
  EXPECT_THAT(ghost.answer(), AllOf(StartsWith("HTTP/1.1 409 Conflict\r\n"), HasSubstr("Another publisher has taken this one's place")));
}

TEST_F(HttpListenerTest, RefusesAStrangerWhileAPublisherIsThere) {
  const TestPublisher first{listener.port()};
  first.begin("/live/open?key=me", "Expect: 100-continue\r\nContent-Type: video/mp2t\r\n");
  EXPECT_THAT(first.receive(), StartsWith("HTTP/1.1 100"));
  EXPECT_THAT(answer_to("/live/open?key=you"), AllOf(StartsWith("HTTP/1.1 409 Conflict\r\n"), HasSubstr("Another publisher is sending")));
}

TEST_F(HttpListenerTest, TellsThePointWhoWasRefused) {
  answer_to("/live/main?key=wrong");
  const TestPublisher other{listener.port()};
  other.begin("/live/main?key=key", "Content-Type: video/mp4\r\n");
  EXPECT_THAT(other.answer(), StartsWith("HTTP/1.1 415"));
  const auto refusals = taker.refusals();
  ASSERT_EQ(refusals.size(), 2U);
  EXPECT_EQ(refusals[0].first, Refusal::kUnauthorized);
  EXPECT_EQ(refusals[1].first, Refusal::kUnsupportedMedia);
  EXPECT_THAT(refusals[1].second, HasSubstr("video/mp4"));
}

TEST_F(HttpListenerTest, EndsTheConnectionWhenThePublisherLeaves) {
  {
    const TestPublisher publisher{listener.port()};
    publisher.begin("/live/open");
    publisher.media("G");
    EXPECT_EQ(read_exactly(*open_taker.next(), 1), "G");
  }
  EXPECT_TRUE(has_ended(*open_taker.connection(0)));
}

TEST_F(HttpListenerTest, HangsUpWhenThePointCloses) {
  const TestPublisher publisher{listener.port()};
  publisher.begin("/live/open");
  open_taker.next();
  points.close("open");
  EXPECT_THAT(publisher.answer(), HasSubstr("or the stream was removed"));
}

TEST_F(HttpListenerTest, HangsUpWhenItEnds) {
  std::optional<HttpListener> other{std::in_place, HttpListener::Options{}, points};
  const TestPublisher publisher{other->port()}, silent{other->port()};
  publisher.begin("/live/open");
  const auto bytes = open_taker.next();
  other.reset();
  EXPECT_TRUE(publisher.is_hung_up());
  EXPECT_TRUE(silent.is_hung_up());
  EXPECT_TRUE(has_ended(*bytes));
}

TEST_F(HttpListenerTest, HangsUpOnWhoeverDoesNotAskInTime) {
  const HttpListener hasty{{.publish_timeout = 20ms}, points};
  EXPECT_EQ(TestPublisher{hasty.port()}.answer(), "");
  const TestPublisher half{hasty.port()};
  half.send("PUT /live/open HTTP/1.1\r\nHost: ");
  EXPECT_THAT(half.answer(), StartsWith("HTTP/1.1 408 Request Timeout\r\n"));
}

TEST_F(HttpListenerTest, HangsUpOnAPublisherThatFallsSilent) {
  const HttpListener hasty{{.idle_timeout = 20ms}, points};
  const TestPublisher named{hasty.port()}, unnamed{hasty.port()};
  named.begin("/live/open");
  EXPECT_THAT(named.answer(), StartsWith("HTTP/1.1 408 Request Timeout\r\n"));
  EXPECT_TRUE(has_ended(*open_taker.connection(0)));
  unnamed.begin("/live/open", "");
  EXPECT_THAT(unnamed.answer(), HasSubstr("No byte of the body has come"));
}

TEST_F(HttpListenerTest, KeepsAPublisherBesideManyThatNeverSpeak) {
  const HttpListener full{{.most_connections = 500, .publish_timeout = 1h}, points};
  for (const int port : {listener.port(), full.port()}) {
    const std::string target = port == full.port() ? "/live/open" : "/live/main?key=key";
    Taker& mine = port == full.port() ? open_taker : taker;
    const TestPublisher publisher{port};
    publisher.begin(target);
    publisher.media("G1");
    const auto bytes = mine.next();
    std::list<TestSocket> silent;
    for (int i = 0; i < 500; ++i) ASSERT_TRUE(silent.emplace_back(port).is_connected());
    publisher.media("G2");
    EXPECT_EQ(read_exactly(*bytes, 4), "G1G2");
    EXPECT_TRUE(port == listener.port() || silent.front().is_hung_up()) << "the oldest gave way";
    publisher.end();
    EXPECT_THAT(publisher.answer(), StartsWith("HTTP/1.1 200 OK\r\n"));
  }
}

TEST_F(HttpListenerTest, CutsOffGarbage) {
  const TestPublisher publisher{listener.port()};
  publisher.begin("/live/open");
  const auto bytes = open_taker.next();
  for (const std::string& garbage :
       {std::string{"\r\n\r\n\r\nhello\r\n\r\n"}, std::string(100'000, '\xFF'), '\3' + std::string(100'000, '\0')}) {
    const TestSocket other{listener.port()};
    other.send(garbage);
    EXPECT_TRUE(other.is_hung_up());
  }
  publisher.media("G");
  EXPECT_EQ(read_exactly(*bytes, 1), "G");
}

TEST_F(HttpListenerTest, NamesThePortThatIsInUse) {
  try {
    const HttpListener second{{.port = listener.port()}, points};
    FAIL() << "bound twice";
  } catch (const base::RunFailed& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("listen for HTTP on 127.0.0.1:" + std::to_string(listener.port())));
  }
}

}  // namespace
}  // namespace server
