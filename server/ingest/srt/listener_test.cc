#include "server/ingest/srt/listener.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <srt/srt.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/errors.h"

namespace server {
namespace {

class Taker final : public ConnectionTaker {
 public:
  void take(std::shared_ptr<ByteQueue> bytes, Container) override {
    std::unique_lock lock{mutex_};
    taken_.push_back(std::move(bytes));
    changed_.notify_all();
    changed_.wait(lock, [this] { return !is_held_; });
  }
  // Whether the listener's thread stays in take().
  void hold(bool is_held) {
    const std::lock_guard lock{mutex_};
    is_held_ = is_held;
    changed_.notify_all();
  }
  void refused(Refusal refusal, const std::string& reason) override {
    const std::lock_guard lock{mutex_};
    refusals_.emplace_back(refusal, reason);
    changed_.notify_all();
  }
  // Nothing after ten seconds.
  std::optional<std::pair<Refusal, std::string>> refusal(std::size_t index) {
    std::unique_lock lock{mutex_};
    const bool came = changed_.wait_for(lock, std::chrono::seconds{10}, [&] { return refusals_.size() > index; });
    return came ? std::optional{refusals_[index]} : std::nullopt;
  }
  // Null after ten seconds.
  std::shared_ptr<ByteQueue> connection(std::size_t index) {
    std::unique_lock lock{mutex_};
    const bool came = changed_.wait_for(lock, std::chrono::seconds{10}, [&] { return taken_.size() > index; });
    return came ? taken_[index] : nullptr;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_held_ = false;
  std::vector<std::shared_ptr<ByteQueue>> taken_;
  std::vector<std::pair<Refusal, std::string>> refusals_;
};

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// A publisher; `refusal` is 0 when it was let in.
struct Caller {
  Caller(int port, const std::string& streamid, const std::string& passphrase = "") : socket{srt_create_socket()} {
    if (!passphrase.empty()) srt_setsockflag(socket, SRTO_PASSPHRASE, passphrase.data(), static_cast<int>(passphrase.size()));
    srt_setsockflag(socket, SRTO_STREAMID, streamid.data(), static_cast<int>(streamid.size()));
    sockaddr_in to = loopback(port);
    const int result = srt_connect(socket, reinterpret_cast<sockaddr*>(&to), sizeof to);
    if (result == SRT_ERROR) refusal = srt_getrejectreason(socket);
  }
  ~Caller() { srt_close(socket); }
  void send(std::string_view bytes) const { srt_sendmsg2(socket, bytes.data(), static_cast<int>(bytes.size()), nullptr); }
  SRTSOCKET socket;
  int refusal = 0;
};

// A caller of many at one local port, which waits for nothing: that keeps libsrt's threads few.
struct SilentCaller {
  // `local`: 0 for any free port.
  SilentCaller(int port, int local, const std::string& streamid) : socket{srt_create_socket()} {
    const bool no = false;
    srt_setsockflag(socket, SRTO_RCVSYN, &no, sizeof no);
    srt_setsockflag(socket, SRTO_STREAMID, streamid.data(), static_cast<int>(streamid.size()));
    sockaddr_in from = loopback(local), to = loopback(port);
    srt_bind(socket, reinterpret_cast<sockaddr*>(&from), sizeof from);
    srt_connect(socket, reinterpret_cast<sockaddr*>(&to), sizeof to);
  }
  ~SilentCaller() { srt_close(socket); }
  SilentCaller(const SilentCaller&) = delete;
  SilentCaller& operator=(const SilentCaller&) = delete;
  int local() const {
    sockaddr_in bound{};
    int size = sizeof bound;
    srt_getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size);
    return ntohs(bound.sin_port);
  }
  SRTSOCKET socket;
};

// Begins handshakes and leaves them at that: SRT's induction (draft-sharabayko-srt, section 4.3.1.1).
class HalfCaller {
 public:
  explicit HalfCaller(int port) : socket_{::socket(AF_INET, SOCK_DGRAM, 0)} {
    const timeval longest{.tv_sec = 10, .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
    const sockaddr_in to = loopback(port);
    ::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }
  ~HalfCaller() { ::close(socket_); }
  HalfCaller(const HalfCaller&) = delete;
  HalfCaller& operator=(const HalfCaller&) = delete;
  // Another caller; true once the listener has answered.
  bool begins() {
    std::array<std::uint32_t, 16> packet{};
    packet[0] = htonl(0x80000000);          // control: handshake
    packet[4] = htonl(4);                   // version of the handshake
    packet[5] = htonl(2);                   // extension field: a datagram socket
    packet[6] = htonl(++sent_);             // first sequence number
    packet[7] = htonl(1500);                // MTU
    packet[8] = htonl(8192);                // flow window
    packet[9] = htonl(1);                   // induction
    packet[10] = htonl(1'000'000 + sent_);  // the caller's socket
    packet[12] = INADDR_LOOPBACK;           // the caller's address
    if (::send(socket_, packet.data(), sizeof packet, 0) != sizeof packet) return false;
    return ::recv(socket_, packet.data(), sizeof packet, 0) == sizeof packet && packet[11] != 0;  // the cookie
  }

 private:
  const int socket_;
  std::uint32_t sent_ = 0;
};

std::string read_some(ByteQueue& queue) {
  std::string into(2000, '\0');
  into.resize(queue.read({reinterpret_cast<std::uint8_t*>(into.data()), into.size()}));
  return into;
}

constexpr const char* kPassphrase = "ten characters or more";

struct SrtListenerTest : testing::Test {
  SrtListenerTest() {
    points.open("main", {.key = "key"}, taker);
    points.open("main/backup", {.key = "other key", .passphrase = kPassphrase}, backup_taker);
    points.open("open", {}, open_taker);
    points.open("rtmp", {.protocol = PublishProtocol::kRtmp}, open_taker);
  }
  Taker taker, backup_taker, open_taker;
  std::vector<PublishPoints::Refused> refused;  // told before the caller is answered
  PublishPoints points{[this](const PublishPoints::Refused& one) { refused.push_back(one); }};
  SrtListener listener{"127.0.0.1", 0, points};
};

TEST_F(SrtListenerTest, HandsAPublishersBytesToItsPoint) {
  const Caller caller{listener.port(), "#!::r=main,m=publish,u=key"};
  ASSERT_EQ(caller.refusal, 0);
  caller.send("some bytes");
  const auto bytes = taker.connection(0);
  ASSERT_NE(bytes, nullptr);
  EXPECT_EQ(read_some(*bytes), "some bytes");
}

TEST_F(SrtListenerTest, RefusesWithTheReason) {
  EXPECT_EQ(Caller(listener.port(), "#!::r=main,u=wrong").refusal, 1401);
  EXPECT_EQ(Caller(listener.port(), "#!::r=none").refusal, 1404);
  EXPECT_EQ(Caller(listener.port(), "rtmp").refusal, 1404) << "a point of another protocol";
  EXPECT_EQ(Caller(listener.port(), "#!::rubbish").refusal, 1400);
  EXPECT_EQ(Caller(listener.port(), "#!::r=main,u=key,m=request").refusal, 1403);
}

TEST_F(SrtListenerTest, LetsAReconnectingPublisherTakeOverItsGhost) {
  const Caller ghost{listener.port(), "%23!::r=main,u=key"};
  ASSERT_NE(taker.connection(0), nullptr);
  const Caller again{listener.port(), "#!::r=main,u=key"};
  ASSERT_EQ(again.refusal, 0);
  ASSERT_NE(taker.connection(1), nullptr);
  EXPECT_EQ(read_some(*taker.connection(0)), "");
}

TEST_F(SrtListenerTest, RefusesAStrangerWhileAPublisherIsThere) {
  const Caller first{listener.port(), "#!::r=open,u=me"};
  ASSERT_NE(open_taker.connection(0), nullptr);
  EXPECT_EQ(Caller(listener.port(), "#!::r=open,u=you").refusal, 1409);
}

TEST_F(SrtListenerTest, EndsTheConnectionWhenThePublisherLeaves) {
  std::shared_ptr<ByteQueue> bytes;
  {
    const Caller caller{listener.port(), "open"};
    bytes = open_taker.connection(0);
    ASSERT_NE(bytes, nullptr);
  }
  EXPECT_EQ(read_some(*bytes), "");
}

TEST_F(SrtListenerTest, EndsTheConnectionOfAPublisherThatLeavesWhileItIsTaken) {
  open_taker.hold(true);
  HalfCaller later{listener.port()};
  std::shared_ptr<ByteQueue> bytes;
  {
    const Caller caller{listener.port(), "open"};
    bytes = open_taker.connection(0);
  }
  const bool is_heard = later.begins();  // libsrt answers in order, so it has heard the goodbye too
  open_taker.hold(false);
  ASSERT_TRUE(is_heard);
  ASSERT_NE(bytes, nullptr);
  EXPECT_EQ(read_some(*bytes), "");
}

TEST_F(SrtListenerTest, EndsTheConnectionWhenThePointCloses) {
  const Caller caller{listener.port(), "open"};
  const auto bytes = open_taker.connection(0);
  ASSERT_NE(bytes, nullptr);
  points.close("open");
  EXPECT_EQ(read_some(*bytes), "");
  EXPECT_EQ(Caller(listener.port(), "open").refusal, 1404);
}

TEST_F(SrtListenerTest, TakesABackupBesideThePrimary) {
  const Caller primary{listener.port(), "#!::r=main/primary,u=key"};
  const Caller backup{listener.port(), "#!::r=main/backup,u=other key", kPassphrase};
  ASSERT_EQ(primary.refusal, 0);
  ASSERT_EQ(backup.refusal, 0);
  primary.send("one");
  backup.send("two");
  ASSERT_NE(taker.connection(0), nullptr);
  ASSERT_NE(backup_taker.connection(0), nullptr);
  EXPECT_EQ(read_some(*taker.connection(0)), "one");
  EXPECT_EQ(read_some(*backup_taker.connection(0)), "two");
}

TEST_F(SrtListenerTest, LetsNobodyInWithoutThePassphrase) {
  EXPECT_EQ(Caller(listener.port(), "#!::r=main/backup,u=other key", "a different passphrase").refusal, SRT_REJ_BADSECRET);
  EXPECT_NE(Caller(listener.port(), "#!::r=main/backup,u=other key").refusal, 0);
  for (const std::size_t index : {0U, 1U}) {
    const auto told = backup_taker.refusal(index);
    ASSERT_TRUE(told.has_value());
    EXPECT_EQ(told->first, Refusal::kUnauthorized);
    EXPECT_THAT(told->second, testing::HasSubstr("passphrase"));
  }
}

TEST_F(SrtListenerTest, TellsWhoWasRefusedAndWhy) {
  { const Caller wrong_key{listener.port(), "#!::r=main,u=wrong"}; }
  { const Caller rubbish{listener.port(), "#!::rubbish"}; }
  { const Caller unknown{listener.port(), "#!::r=none"}; }
  ASSERT_EQ(refused.size(), 3U);
  EXPECT_EQ(refused[0].refusal, Refusal::kUnauthorized);
  EXPECT_EQ(refused[0].point, "main");
  EXPECT_THAT(refused[0].peer, testing::StartsWith("127.0.0.1:"));
  EXPECT_EQ(refused[1].refusal, Refusal::kBadRequest);
  EXPECT_THAT(refused[1].reason, testing::HasSubstr("'rubbish' is not KEY=VALUE"));
  EXPECT_EQ(refused[2].refusal, Refusal::kNotFound);
  EXPECT_EQ(refused[2].point, "none");
  EXPECT_EQ(taker.refusal(0)->first, Refusal::kUnauthorized);
}

TEST_F(SrtListenerTest, HoldsAPublisherBesideFiveHundredWhoSendNothing) {
  constexpr std::size_t kSilent = 500, kAtOnce = 25;
  Taker silent;
  for (std::size_t i = 0; i < kSilent; ++i) points.open("silent" + std::to_string(i), {}, silent);
  const Caller publisher{listener.port(), "#!::r=main,m=publish,u=key"};
  const auto bytes = taker.connection(0);
  ASSERT_NE(bytes, nullptr);
  std::size_t sent = 0;
  const auto goes_on = [&] {
    const std::string message = "message " + std::to_string(++sent);
    publisher.send(message);
    return read_some(*bytes) == message;
  };
  HalfCaller half{listener.port()};
  std::vector<std::unique_ptr<SilentCaller>> callers;
  while (callers.size() < kSilent) {
    for (std::size_t i = 0; i < kAtOnce; ++i) {
      const int local = callers.empty() ? 0 : callers.front()->local();
      callers.push_back(std::make_unique<SilentCaller>(listener.port(), local, "silent" + std::to_string(callers.size())));
      ASSERT_TRUE(half.begins());
    }
    ASSERT_NE(silent.connection(callers.size() - 1), nullptr) << callers.size();
    ASSERT_TRUE(goes_on()) << callers.size();
  }
  // What is known of a connection is noted now and then.
  std::optional<LinkStatistics> link;
  while (!(link = points.link("main")) || link->packets < kSilent / kAtOnce) ASSERT_TRUE(goes_on());
  EXPECT_EQ(link->dropped, 0U);
  EXPECT_TRUE(points.link("silent0"));
  EXPECT_FALSE(bytes->is_closed());
}

TEST_F(SrtListenerTest, NamesThePortThatIsInUse) {
  try {
    const SrtListener second{"127.0.0.1", listener.port(), points};
    FAIL() << "bound twice";
  } catch (const base::RunFailed& failure) {
    EXPECT_THAT(failure.what(), testing::HasSubstr("127.0.0.1:" + std::to_string(listener.port())));
  }
}

}  // namespace
}  // namespace server
