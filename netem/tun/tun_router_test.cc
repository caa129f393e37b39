// The router between two pairs of sockets in the place of its TUN devices: no privilege, no network.
#include "netem/tun/tun_router.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>

#include "base/errors.h"
#include "base/steady_timeline.h"
#include "netem/tun/test_frames.h"

namespace netem {
namespace {

using namespace base::literals;
using test::Bytes;
constexpr Ipv4 kPlayer = 0x0A400001;
constexpr Ipv4 kOther = 0x0A400002;
constexpr Ipv4 kServer = 0xC6120001;
constexpr int kPatience = 10'000;  // milliseconds; never the outcome of a test that passes

// A descriptor for the router and the other end of it.
class Side {
 public:
  Side() {
    base::checked("make a socket pair", socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends_));
    limit_room(1 << 20);
  }
  Side(const Side&) = delete;
  Side& operator=(const Side&) = delete;
  ~Side() {
    close(ends_[0]);
    hang_up();
  }
  int for_router() const { return ends_[0]; }
  void send(const Bytes& frame) const {
    while (write(ends_[1], frame.data(), frame.size()) < 0 && errno == EAGAIN) wait_for(POLLOUT, kPatience);
  }
  // The next frame; nothing when none comes in `patience` milliseconds.
  std::optional<Bytes> receive(int patience = kPatience) const {
    if (!wait_for(POLLIN, patience)) return std::nullopt;
    Bytes frame(70'000);
    frame.resize(static_cast<std::size_t>(base::checked("receive a frame", read(ends_[1], frame.data(), frame.size()))));
    return frame;
  }
  // Bytes under way from the router to the other end, and back.
  void limit_room(int room) const {
    for (const int end : ends_) setsockopt(end, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
  }
  void hang_up() {
    if (ends_[1] >= 0) close(std::exchange(ends_[1], -1));
  }

 private:
  bool wait_for(short what, int patience) const {
    pollfd wait{.fd = ends_[1], .events = what, .revents = 0};
    return poll(&wait, 1, patience) == 1;
  }
  int ends_[2];
};

template <class Condition>
bool eventually(Condition condition) {
  const base::Instant deadline = base::steady_now() + std::chrono::milliseconds{kPatience};
  while (base::steady_now() < deadline)
    if (condition()) return true;
  return condition();
}

Bytes up(std::uint64_t number, Ipv4 player = kPlayer) { return test::numbered_frame(player, kServer, number); }
Bytes down(std::uint64_t number, Ipv4 player = kPlayer) { return test::numbered_frame(kServer, player, number); }

class TunRouterTest : public testing::Test {
 protected:
  TunRouter& router(std::vector<Bottleneck> bottlenecks = {}) {
    return router_.emplace(TunRouter::Options{.players = players_.for_router(),
                                              .servers = servers_.for_router(),
                                              .bottlenecks = std::move(bottlenecks),
                                              .real_time_priority = 0});
  }
  // Numbers of the next `count` frames at a side.
  static std::vector<std::uint64_t> numbers(const Side& side, std::size_t count) {
    std::vector<std::uint64_t> out;
    while (out.size() < count) {
      const auto frame = side.receive();
      if (!frame) break;
      out.push_back(test::number_in(*frame));
    }
    return out;
  }
  // Reads what the router has done by the time a frame behind all others has passed it.
  void flush(TunRouter& router) {
    router.plug({.address = kOther});
    servers_.send(down(999, kOther));
    players_.receive();
    router.unplug(kOther);
  }
  Side players_, servers_;
  std::optional<TunRouter> router_;
};

PlayerLink link(ImpairmentSpec down, ImpairmentSpec up = {}) { return {.address = kPlayer, .link = {.down = down, .up = up}, .seed = 1}; }
std::vector<std::uint64_t> count_to(std::size_t n) {
  std::vector<std::uint64_t> out;
  for (std::size_t i = 0; i < n; ++i) out.push_back(i);
  return out;
}

TEST_F(TunRouterTest, FramesPassUnchangedInBothDirections) {
  router().plug(link({}));
  const Bytes train = test::train_frame({.source = kServer, .destination = kPlayer});
  servers_.send(train);
  players_.send(up(1));
  EXPECT_EQ(players_.receive(), train);
  EXPECT_EQ(servers_.receive(), up(1));
}

TEST_F(TunRouterTest, NoFrameIsEarly) {
  router().plug(link({.delay = 20ms}, {.delay = 30ms}));
  for (std::uint64_t i = 0; i < 20; ++i) {
    const base::Instant sent = base::steady_now();
    servers_.send(down(i));
    ASSERT_TRUE(players_.receive());
    EXPECT_GE(base::steady_now() - sent, 20ms);
  }
  const base::Instant sent = base::steady_now();
  players_.send(up(0));
  ASSERT_TRUE(servers_.receive());
  EXPECT_GE(base::steady_now() - sent, 30ms);
}

TEST_F(TunRouterTest, OrderIsKept) {
  router().plug(link({.rate = 20_Mbps, .delay = 5ms, .queue = base::ByteCount::bytes(1 << 20)}));
  for (std::uint64_t i = 0; i < 500; ++i) servers_.send(down(i));
  EXPECT_EQ(numbers(players_, 500), count_to(500));
}

TEST_F(TunRouterTest, PlayersHaveLinksOfTheirOwn) {
  TunRouter& router = this->router();
  router.plug(link({.delay = 200ms}));
  router.plug({.address = kOther, .link = {.down = {.delay = 1ms}}});
  servers_.send(down(1));
  servers_.send(down(2, kOther));
  EXPECT_EQ(numbers(players_, 2), (std::vector<std::uint64_t>{2, 1}));
}

TEST_F(TunRouterTest, ALostSegmentIsMissingFromItsTrain) {
  TunRouter& router = this->router();
  router.plug(link({.loss = RandomLoss{0.3}}));
  const Bytes train = test::train_frame({.source = kServer, .destination = kPlayer, .payload = 60'000});
  const std::uint32_t segments = parse_frame(train)->segments;
  servers_.send(train);
  flush(router);
  const LinkCounters counters = router.read(kPlayer).down;
  EXPECT_EQ(counters.offered, segments);
  EXPECT_GT(counters.lost, 0u);
  EXPECT_EQ(counters.delivered, segments - counters.lost);
}

TEST_F(TunRouterTest, SegmentsReachTheOtherSideAtTheLinksRate) {
  TunRouter& router = this->router();
  router.plug(link({.rate = 4_Mbps}));
  const base::Instant sent = base::steady_now();
  servers_.send(test::train_frame({.source = kServer, .destination = kPlayer, .payload = 10 * 1448}));
  for (int segment = 1; segment <= 10; ++segment) {  // 3 ms each: none travels with another
    const auto frame = players_.receive();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->size(), sizeof(VirtioHeader) + 1500);
    EXPECT_GE(base::steady_now() - sent, segment * 3ms);
  }
}

TEST_F(TunRouterTest, AReplacedLinkStillDeliversWhatWasInFlight) {
  TunRouter& router = this->router();
  router.plug(link({.delay = 100ms}));
  servers_.send(down(1));
  ASSERT_TRUE(eventually([&] { return router.read(kPlayer).down.offered == 1; }));
  router.plug(link({.delay = 1ms}));
  servers_.send(down(2));
  EXPECT_EQ(numbers(players_, 2), (std::vector<std::uint64_t>{2, 1}));
  EXPECT_EQ(router.read(kPlayer).down.offered, 2u);
}

TEST_F(TunRouterTest, AnUnpluggedPlayersFramesAreDropped) {
  TunRouter& router = this->router();
  router.plug(link({.delay = 50ms}));
  servers_.send(down(1));
  ASSERT_TRUE(eventually([&] { return router.read(kPlayer).down.offered == 1; }));
  EXPECT_EQ(router.unplug(kPlayer).down.offered, 1u);
  servers_.send(down(2));
  router.plug({.address = kOther, .link = {.down = {.delay = 60ms}}});
  servers_.send(down(3, kOther));
  EXPECT_EQ(numbers(players_, 1), (std::vector<std::uint64_t>{3}));
  EXPECT_EQ(router.stats().unroutable, 1u);
}

TEST_F(TunRouterTest, WhatHasNoLinkIsCountedAndDropped) {
  TunRouter& router = this->router();
  servers_.send(down(1));
  players_.send(up(1));
  Bytes garbage = down(1);
  garbage[sizeof(VirtioHeader)] = 0x60;
  servers_.send(garbage);
  EXPECT_TRUE(eventually([&] { return router.stats().unroutable == 3; }));
  EXPECT_EQ(router.stats().packets, 3u);
}

TEST_F(TunRouterTest, ReadingAnAddressWithoutALinkGivesZeroes) { EXPECT_EQ(router().read(kPlayer).down, LinkCounters{}); }

TEST_F(TunRouterTest, ABottleneckSlowsAllItsPlayersTogether) {
  TunRouter& router = this->router({{.name = "region", .link = {.down = {.rate = base::Bitrate::bits_per_second(288'000)}}}});
  for (const Ipv4 address : {kPlayer, kOther}) router.plug({.address = address, .bottleneck = 0});
  const base::Instant sent = base::steady_now();
  for (std::uint64_t i = 0; i < 10; ++i) servers_.send(down(i, i % 2 == 0 ? kPlayer : kOther));
  EXPECT_EQ(numbers(players_, 10), count_to(10));  // 36 bytes each: 1 ms each
  EXPECT_GE(base::steady_now() - sent, 10ms);
}

TEST_F(TunRouterTest, ABottleneckOnTheWayUpComesBehindTheLink) {
  TunRouter& router = this->router({{.name = "region", .link = {.up = {.rate = base::Bitrate::bits_per_second(28'800)}}}});
  router.plug({.address = kPlayer, .link = {.up = {.delay = 50ms}}, .bottleneck = 0});
  router.plug({.address = kOther, .bottleneck = 0});
  const base::Instant sent = base::steady_now();
  players_.send(up(2));
  players_.send(up(1, kOther));
  EXPECT_EQ(numbers(servers_, 2), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_GE(base::steady_now() - sent, 60ms);  // 10 ms each on the bottleneck, of which the other's are long over
}

TEST_F(TunRouterTest, AFullBottleneckIsCountedWithThePlayersItDrops) {
  TunRouter& router = this->router({{.name = "region", .link = {.down = {.rate = 8_kbps, .queue = base::ByteCount::bytes(100)}}}});
  router.plug({.address = kPlayer, .bottleneck = 0});
  for (std::uint64_t i = 0; i < 10; ++i) servers_.send(down(i));
  flush(router);
  const LinkCounters counters = router.read(kPlayer).down;
  EXPECT_EQ(counters.offered, 10u);
  EXPECT_GE(counters.overflowed, 7u);
  EXPECT_EQ(counters.overflowed + counters.delivered, 10u);
}

TEST_F(TunRouterTest, LatenessIsMeasuredPerPacketAndAnew) {
  TunRouter& router = this->router();
  router.plug(link({.delay = 1ms}));
  for (std::uint64_t i = 0; i < 10; ++i) servers_.send(down(i));
  numbers(players_, 10);
  ASSERT_TRUE(eventually([&] { return router.stats().lateness.count() == 10; }));
  EXPECT_GT(router.stats().lateness.max(), 0);
  EXPECT_GT(router.stats().cpu, 0ns);
  router.measure_from();
  EXPECT_EQ(router.stats().lateness.count(), 0u);
}

TEST_F(TunRouterTest, AFrameThatTheDeviceRefusesIsDroppedAndCounted) {
  TunRouter& router = this->router();
  router.plug(link({}));
  players_.limit_room(4096);
  servers_.send(test::train_frame({.source = kServer, .destination = kPlayer, .payload = 10 * 1448}));
  EXPECT_TRUE(eventually([&] { return router.read(kPlayer).down.overflowed == 10; }));
  EXPECT_EQ(router.read(kPlayer).down.delivered, 0u);
}

TEST_F(TunRouterTest, ADeviceThatGoesAwayIsAFailureAndNotAnEndlessLoop) {
  Side gone;
  TunRouter router{{.players = players_.for_router(), .servers = gone.for_router(), .real_time_priority = 0}};
  EXPECT_EQ(router.stats().failure, "");
  gone.hang_up();
  ASSERT_TRUE(eventually([&] { return !router.stats().failure.empty(); }));
  EXPECT_EQ(router.stats().failure.rfind("read from the TUN device of the servers: ", 0), 0u);
}

}  // namespace
}  // namespace netem
