// What CurlTransport promises beyond the contract: whose connections are whose, and what it asks of the loop it runs on.
#include "harness/transport/curl_transport.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <set>

#include "base/errors.h"
#include "tests/contract/script_server.h"
#include "tests/contract/timeline_worlds.h"

namespace contract {
namespace {

using namespace std::chrono_literals;
using harness::TransferId;
using harness::TransportOutcome;
using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;

struct Outcomes final : harness::TransferReceiver {
  void on_progress(TransferId, const harness::TransferProgress&) override {}
  void on_outcome(TransferId, TransportOutcome&& outcome) override { all.push_back(std::move(outcome)); }
  std::vector<TransportOutcome> all;
};

// Whoever connects to it waits: its queue is full.
class FullListener {
 public:
  explicit FullListener(boost::asio::io_context& io) : acceptor_{io, tcp::v4()}, first_{io} {
    acceptor_.bind({boost::asio::ip::make_address("127.0.0.1"), 0});
    acceptor_.listen(0);
    first_.connect(endpoint());
  }
  boost::asio::ip::tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }

 private:
  using tcp = boost::asio::ip::tcp;
  tcp::acceptor acceptor_;
  tcp::socket first_;
};

std::string own_address(base::ViewerId id) { return fmt::format("127.1.2.{}", index_of(id) + 1); }

class CurlTransportTest : public testing::Test {
 protected:
  std::string url(const std::string& path) const { return fmt::format("http://127.0.0.1:{}{}", server_.port(), path); }
  void start(std::uint32_t viewer, const std::string& path = "/ok", bool keep_body = false) {
    transport_->start({.viewer = base::ViewerId{viewer}, .url = url(path), .timeout = 5s, .keep_body = keep_body}, outcomes_);
    ++started_;
  }
  bool run() {
    return world_.run_until([this] { return outcomes_.all.size() == started_; });
  }
  void use(std::function<std::string(base::ViewerId)> source_address, harness::CurlSocketHooks sockets = {}) {
    transport_ = std::make_unique<harness::CurlTransport>(
        world_.io(), world_.timeline(),
        harness::CurlTransport::Options{
            .source_address = std::move(source_address), .sockets = std::move(sockets), .user_agent = "test/1"});
  }
  void SetUp() override { use(own_address); }

  SteadyWorld world_;
  ScriptServer server_{world_.io()};
  Outcomes outcomes_, silence_;
  std::size_t started_ = 0;
  std::unique_ptr<harness::CurlTransport> transport_;
};

TEST_F(CurlTransportTest, ReusesTheViewersConnection) {
  for (int i = 0; i < 3; ++i) {
    start(0);
    ASSERT_TRUE(run());
  }
  EXPECT_EQ(server_.accepted_connections(), 1u);
}

// As browsers do over HTTP/1.1: a server may close the connection of who does not.
TEST_F(CurlTransportTest, SaysThatItWouldKeepTheConnection) {
  for (int i = 0; i < 2; ++i) start(0, "/connection", true);
  ASSERT_TRUE(run());
  for (const TransportOutcome& outcome : outcomes_.all) EXPECT_EQ(outcome.body, "keep-alive");
}

// Of two idle connections, as browsers do; libcurl would take the older one.
TEST_F(CurlTransportTest, TakesTheConnectionUsedLast) {
  for (const bool bound : {true, false}) {
    use(bound ? own_address : std::function<std::string(base::ViewerId)>{});
    start(0, "/slow/20000");
    start(0, "/ok");
    ASSERT_TRUE(run());
    const std::size_t first = server_.connection_of("/slow/20000"), second = server_.connection_of("/ok");
    ASSERT_NE(first, second);
    start(0, "/bytes/1");
    start(0, "/slow/30000");
    ASSERT_TRUE(run());
    EXPECT_EQ(server_.connection_of("/bytes/1"), first) << "it ended last";
    EXPECT_EQ(server_.connection_of("/slow/30000"), second);
    start(0, "/bytes/2");
    ASSERT_TRUE(run());
    EXPECT_EQ(server_.connection_of("/bytes/2"), second) << "and now the other one";
  }
}

// Chromium's sockets are not those of the requests that they were opened for.
TEST_F(CurlTransportTest, GivesARequestTheFirstConnectionThatIsFree) {
  FullListener full{world_.io()};
  for (const bool bound : {true, false}) {
    std::size_t opened = 0;
    const auto open = [&](base::ViewerId, int type, int protocol, sockaddr_storage& peer, socklen_t& length) {
      if (++opened > 1) std::memcpy(&peer, full.endpoint().data(), length = static_cast<socklen_t>(full.endpoint().size()));
      return socket(peer.ss_family, type | SOCK_CLOEXEC, protocol);
    };
    use(bound ? own_address : std::function<std::string(base::ViewerId)>{}, {.open = open, .closing = {}});
    start(0, "/ok");
    ASSERT_TRUE(run());
    start(0, "/slow/20000");
    start(0, "/bytes/1");
    ASSERT_TRUE(run());
    EXPECT_EQ(opened, 2u);
    EXPECT_EQ(server_.connection_of("/bytes/1"), server_.connection_of("/slow/20000")) << "the new one is not there yet";
    EXPECT_EQ(outcomes_.all.back().failure, "");
    EXPECT_GE(outcomes_.all.back().ttfb, 10ms) << "the wait counts";
  }
}

TEST_F(CurlTransportTest, KeepsAConnectionThatWasOpenedInVain) {
  for (const bool bound : {true, false}) {
    use(bound ? own_address : std::function<std::string(base::ViewerId)>{});
    start(0, "/ok");
    ASSERT_TRUE(run());
    const std::size_t before = server_.accepted_connections();
    start(0, "/slow/300000");
    const TransferId cancelled = transport_->start({.viewer = base::ViewerId{0}, .url = url("/bytes/1"), .timeout = 5s}, outcomes_);
    transport_->cancel(cancelled);
    ASSERT_TRUE(world_.run_until([&] { return server_.accepted_connections() == before + 1; }));
    world_.settle();
    start(0, "/bytes/2");
    ASSERT_TRUE(run());
    EXPECT_EQ(server_.accepted_connections(), before + 1);
    EXPECT_NE(server_.connection_of("/bytes/2"), server_.connection_of("/slow/300000"));
    if (bound) {
      EXPECT_THAT(server_.sources(), testing::Each(own_address(base::ViewerId{0})));
    }
  }
}

TEST_F(CurlTransportTest, OpensNoMoreThanSixConnections) {
  start(0, "/ok");
  ASSERT_TRUE(run());
  for (int i = 0; i < 9; ++i) start(0, fmt::format("/slow/{}", 20'000 + i));
  ASSERT_TRUE(run());
  EXPECT_EQ(server_.accepted_connections(), 6u);
}

TEST_F(CurlTransportTest, WhoWaitsForAConnectionInVainTimesOut) {
  for (int i = 0; i < 6; ++i) start(0, fmt::format("/slow/{}", 20'000 + i));
  ASSERT_TRUE(run());
  for (int i = 0; i < 6; ++i) transport_->start({.viewer = base::ViewerId{0}, .url = url("/never"), .timeout = 5s}, silence_);
  started_ += 1;
  transport_->start({.viewer = base::ViewerId{0}, .url = url("/bytes/1"), .timeout = 50ms}, outcomes_);
  ASSERT_TRUE(run());
  EXPECT_EQ(outcomes_.all.back().failure, "timeout");
  EXPECT_GE(outcomes_.all.back().took, 50ms);
}

TEST_F(CurlTransportTest, ReplacesAConnectionThatWasGivenUp) {
  start(0, "/ok");
  ASSERT_TRUE(run());
  const auto id = transport_->start(
      {.viewer = base::ViewerId{0}, .url = fmt::format("http://127.0.0.1:{}/never", server_.port()), .timeout = 5s}, outcomes_);
  ASSERT_TRUE(world_.run_until([this] { return server_.connection_of("/never") == 1; }));
  transport_->cancel(id);
  start(0, "/bytes/1");
  ASSERT_TRUE(run());
  EXPECT_EQ(server_.connection_of("/bytes/1"), 2u);
}

TEST_F(CurlTransportTest, ReplacesAConnectionThatTheServerHasClosed) {
  for (const bool bound : {true, false}) {
    use(bound ? own_address : std::function<std::string(base::ViewerId)>{});
    start(0, "/farewell");
    start(1, "/slow/30000");  // so that the loop is awake when the connection ends
    ASSERT_TRUE(run());
    const std::size_t before = server_.accepted_connections();
    for (int i = 0; i < 2; ++i) {
      start(0);
      ASSERT_TRUE(run());
      EXPECT_EQ(outcomes_.all.back().status, 200);
    }
    EXPECT_EQ(server_.accepted_connections(), before + 1);
  }
}

// libcurl closes a socket that was never connected by itself, and the next one gets its descriptor.
class NeverConnected : public CurlTransportTest, public testing::WithParamInterface<std::uint32_t> {};

TEST_P(NeverConnected, LeavesNothingBehindForTheNextSocketOfThatNumber) {
  std::vector<int> opened;
  const auto open = [&opened](base::ViewerId, int type, int protocol, const sockaddr_storage& peer, socklen_t) {
    return opened.emplace_back(socket(peer.ss_family, type | SOCK_CLOEXEC, protocol));
  };
  transport_ = std::make_unique<harness::CurlTransport>(
      world_.io(), world_.timeline(),
      harness::CurlTransport::Options{.source_address = own_address, .sockets = {.open = open, .closing = {}}});
  for (std::uint32_t viewer = 0; viewer < 17; ++viewer) start(viewer);  // 16 share a multi handle
  ASSERT_TRUE(run());
  FullListener full{world_.io()};
  const std::string url = fmt::format("http://127.0.0.1:{}/", full.endpoint().port());
  const auto id = transport_->start({.viewer = base::ViewerId{0}, .url = url, .timeout = 5s}, outcomes_);
  ASSERT_TRUE(world_.run_until([&opened] { return opened.size() == 18; }));
  world_.settle();
  transport_->cancel(id);
  start(GetParam(), "/slow/50000");
  start(GetParam(), "/slow/60000");
  ASSERT_TRUE(world_.run_until([this] { return server_.connection_of("/slow/60000") != 0; }));
  ASSERT_THAT(std::vector(opened.begin() + 18, opened.end()), testing::Contains(opened[17])) << "the descriptor is not in use again";
  transport_->leave(base::ViewerId{0});
  ASSERT_TRUE(run());
  for (const TransportOutcome& outcome : outcomes_.all) EXPECT_EQ(outcome.failure, "");
}

INSTANTIATE_TEST_SUITE_P(OfTheSameMultiHandleAndOfAnother, NeverConnected, testing::Values(1u, 16u));

TEST_F(CurlTransportTest, GivesEachViewerItsSourceAddress) {
  for (std::uint32_t viewer = 0; viewer < 40; ++viewer) start(viewer);
  ASSERT_TRUE(run());
  EXPECT_EQ(std::set(server_.sources().begin(), server_.sources().end()).size(), 40u);
}

TEST_F(CurlTransportTest, AnotherViewerNeverUsesAnIdleConnection) {
  start(0);
  ASSERT_TRUE(run());
  start(1);
  ASSERT_TRUE(run());
  EXPECT_THAT(server_.sources(), testing::ElementsAre("127.1.2.1", "127.1.2.2"));
  EXPECT_EQ(server_.accepted_connections(), 2u);
}

TEST_F(CurlTransportTest, AnotherViewerNeverUsesAnIdleConnectionWithoutSourceAddressesEither) {
  use(nullptr);
  start(0);
  ASSERT_TRUE(run());
  start(1);
  ASSERT_TRUE(run());
  EXPECT_EQ(server_.accepted_connections(), 2u);
}

TEST_F(CurlTransportTest, KeepsTheConnectionsOfAViewerWhoStaysWhenAnotherLeaves) {
  start(0);
  start(1);
  ASSERT_TRUE(run());
  transport_->leave(base::ViewerId{0});
  ASSERT_TRUE(world_.run_until([this] { return server_.open_connections() == 1; }));
  start(1);
  ASSERT_TRUE(run());
  EXPECT_EQ(server_.accepted_connections(), 2u);
}

TEST_F(CurlTransportTest, ConnectionsOfManyViewersStayOpenBetweenRequests) {
  for (int round = 0; round < 2; ++round) {
    for (std::uint32_t viewer = 0; viewer < 70; ++viewer) start(viewer);
    ASSERT_TRUE(run());
  }
  EXPECT_EQ(server_.accepted_connections(), 70u);
}

TEST_F(CurlTransportTest, AsksForCompressionOnlyWhereTheBodyIsKept) {
  start(0, "/ok", true);
  ASSERT_TRUE(run());
  EXPECT_THAT(server_.last_request(), HasSubstr("Accept-Encoding: gzip\r\n"));
  start(0, "/ok", false);
  ASSERT_TRUE(run());
  EXPECT_THAT(server_.last_request(), Not(HasSubstr("Accept-Encoding")));
}

TEST_F(CurlTransportTest, SaysWhoItIs) {
  start(0);
  ASSERT_TRUE(run());
  EXPECT_THAT(server_.last_request(), HasSubstr("User-Agent: test/1\r\n"));
}

TEST_F(CurlTransportTest, ABodyBeyondTheLimitIsTooLarge) {
  start(0, "/bytes/16777217", true);
  ASSERT_TRUE(run());
  EXPECT_EQ(outcomes_.all.front().failure, "too-large");
}

TEST_F(CurlTransportTest, SaysWhereRedirectsLed) {
  start(0, "/redirect/ok", true);
  ASSERT_TRUE(run());
  EXPECT_EQ(outcomes_.all.front().body, "hello");
  EXPECT_THAT(outcomes_.all.front().url, testing::EndsWith("/ok"));
  EXPECT_THAT(outcomes_.all.front().url, Not(HasSubstr("redirect")));
}

TEST_F(CurlTransportTest, SaysNothingOfKeepingWhatRedirectsLedTo) {
  transport_->start(
      {.url = fmt::format("http://127.0.0.1:{}/redirect/kept", server_.port()), .timeout = 5s, .cache = harness::CacheUse::kOther},
      outcomes_);
  ++started_;
  ASSERT_TRUE(run());
  EXPECT_EQ(outcomes_.all.front().status, 200);
  EXPECT_FALSE(outcomes_.all.front().caching);
}

TEST_F(CurlTransportTest, TellsACacheWhatTheLastHeaderSaysAndNothingElse) {
  server_.offer_whole("/hinted",
                      "HTTP/1.1 103 Early Hints\r\nCache-Control: max-age=5\r\n\r\n"
                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\neTag:\"v2\" \r\n\r\n"
                      "5\r\nhello\r\n0\r\nCache-Control: no-store\r\n\r\n");
  transport_->start({.url = fmt::format("http://127.0.0.1:{}/hinted", server_.port()), .timeout = 5s, .cache = harness::CacheUse::kOther},
                    outcomes_);
  ++started_;
  ASSERT_TRUE(run());
  const std::optional<harness::CacheFields>& caching = outcomes_.all.front().caching;
  ASSERT_TRUE(caching);
  EXPECT_EQ(caching->etag, "\"v2\"");
  EXPECT_FALSE(caching->max_age);
  EXPECT_FALSE(caching->no_store);
}

TEST_F(CurlTransportTest, EndsALoopOfRedirects) {
  start(0, "/loop", true);
  ASSERT_TRUE(run());
  EXPECT_EQ(outcomes_.all.front().failure, "redirects");
}

TEST_F(CurlTransportTest, ASourceAddressOfAnotherMachineEndsTheRun) {
  use([](base::ViewerId) { return "192.0.2.1"; });
  start(3);
  try {
    run();
    FAIL() << "no error";
  } catch (const base::RunFailed& error) {
    EXPECT_THAT(error.what(), HasSubstr("connect viewer 3 from 192.0.2.1"));
  }
}

// Lowers the limit to what is open now, for as long as it lives.
class NoDescriptorLeft {
 public:
  NoDescriptorLeft() {
    getrlimit(RLIMIT_NOFILE, &before_);
    const int lowest_free = dup(0);
    close(lowest_free);
    const rlimit tight{static_cast<rlim_t>(lowest_free), before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &tight);
  }
  NoDescriptorLeft(const NoDescriptorLeft&) = delete;
  NoDescriptorLeft& operator=(const NoDescriptorLeft&) = delete;
  ~NoDescriptorLeft() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(CurlTransportTest, ADescriptorLimitThatIsTooLowEndsTheRunByItsName) {
  start(0);
  ASSERT_TRUE(run());
  std::exception_ptr caught;
  try {
    const NoDescriptorLeft limit;
    start(1);
    run();
  } catch (...) {
    caught = std::current_exception();  // looked at once there are descriptors again: the sanitizers need some to check a type
  }
  ASSERT_TRUE(caught) << "no error";
  EXPECT_THAT([&] { std::rethrow_exception(caught); }, ThrowsMessage<base::RunFailed>(HasSubstr("RLIMIT_NOFILE")));
}

TEST_F(CurlTransportTest, AMalformedUrlIsAnOutcome) {
  transport_->start({.url = "ftp://127.0.0.1/x", .timeout = 1s}, outcomes_);
  transport_->start({.url = "", .timeout = 1s}, outcomes_);
  started_ = 2;
  ASSERT_TRUE(run());
  EXPECT_EQ(outcomes_.all[0].failure, "malformed");
  EXPECT_EQ(outcomes_.all[1].failure, "malformed");
}

// Of the system's, then; the server here does not even speak TLS.
TEST_F(CurlTransportTest, AnEmptyNameOfAFileOfCertificatesIsNone) {
  const char* before = std::getenv("SSL_CERT_FILE");
  const std::string kept = before == nullptr ? "" : before;
  setenv("SSL_CERT_FILE", "", 1);
  transport_->start({.url = fmt::format("https://127.0.0.1:{}/ok", server_.port()), .timeout = 500ms}, outcomes_);
  started_ = 1;
  EXPECT_NO_THROW(EXPECT_TRUE(run()));
  before == nullptr ? unsetenv("SSL_CERT_FILE") : setenv("SSL_CERT_FILE", kept.c_str(), 1);
}

TEST_F(CurlTransportTest, MayGoWhileTransfersRun) {
  start(0, "/never");
  start(1, "/slow/1000000");
  world_.settle();
  transport_.reset();
  world_.settle();
  EXPECT_TRUE(outcomes_.all.empty());
  EXPECT_EQ(server_.open_connections(), 0u);
}

}  // namespace
}  // namespace contract
