#include "server/delivery/connection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

namespace server {
namespace {

using namespace std::chrono_literals;

class Yes final : public RequestHandler {
 public:
  Response answer(const Request& /*request*/, base::UtcTime /*now*/) override {
    return text_response(200, "text/plain", "no-store", "yes");
  }
};

class ConnectionTest : public testing::Test {
 protected:
  void receives(std::string_view text) {
    while (!text.empty() && connection.wish() == Connection::Wish::kRead) {
      const boost::asio::mutable_buffer room = connection.room();
      const std::size_t count = std::min(room.size(), text.size());
      std::memcpy(room.data(), text.data(), count);
      connection.received(count, clock);
      text.remove_prefix(count);
    }
  }
  // The status line of what is to be sent now; all of it is then sent. Empty: nothing.
  std::string status_line() {
    if (connection.wish() != Connection::Wish::kWrite) return "";
    const Connection::Unsent unsent = connection.unsent();
    const std::string_view head{static_cast<const char*>(unsent.memory[0].data()), unsent.memory[0].size()};
    std::string line{head.substr(0, head.find('\r'))};
    connection.sent(unsent.memory[0].size() + unsent.memory[1].size(), clock);
    return line;
  }
  static std::string repeated(std::string_view text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
  }

  HttpServer::Options options;
  Yes handler;
  BodyFiles files;
  Connection::Clock clock{base::Instant{}, base::UtcTime{}, "now"};
  Connection connection{options, handler, files, "127.0.0.1", false, clock.now};
};

// Each piece ends one byte into the name of the next field, so that the parser takes all the others.
TEST_F(ConnectionTest, RefusesALargeHeadInWhateverPiecesItComes) {
  receives("GET / HTTP/1.1\r\nHost: t\r\na");
  for (int i = 0; i < 20; ++i) receives(":\r\n" + repeated("a:\r\n", 250) + "a");
  EXPECT_EQ(status_line(), "HTTP/1.1 431 Request Header Fields Too Large");
}

TEST_F(ConnectionTest, CountsTheHeadOfEachRequestAnew) {
  const std::string large = "GET / HTTP/1.1\r\nHost: t\r\n" + repeated("a: b\r\n", 2000) + "\r\n";
  for (int i = 0; i < 4; ++i) {
    receives(large);
    EXPECT_EQ(status_line(), "HTTP/1.1 200 OK") << i;
  }
}

TEST_F(ConnectionTest, TheTimeForAHeadBeginsWithItsFirstByte) {
  receives("GET / HTTP/1.1\r\n");
  const base::Instant deadline = connection.deadline();
  clock.now += 5s;
  receives("Host: t\r\n");
  EXPECT_EQ(connection.deadline(), deadline);
}

}  // namespace
}  // namespace server
