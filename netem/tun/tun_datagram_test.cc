// Datagrams through real TUN devices. What depends on time is held against the lateness that the router itself reports: a loaded
// machine makes it late, never early.
#include <netinet/in.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/netem/tun_lab.h"

namespace netem {
namespace {

using namespace base::literals;
using test::TestSocket;

// A player's socket and a server's, joined.
struct Path {
  TestSocket player;
  TestSocket server;
};

struct Arrival {
  std::uint64_t number = 0;
  base::Duration at{};  // when the kernel received it, on CLOCK_REALTIME
};

class Datagrams : public test::TunLab {
 protected:
  Path path(Ipv4 address = kFirst) {
    Path out{player_socket(SOCK_DGRAM, address), server_socket(SOCK_DGRAM)};
    out.player.connect_to(out.server.name());
    out.server.connect_to(out.player.name());
    for (const TestSocket* socket : {&out.player, &out.server}) {
      socket->set(SOL_SOCKET, SO_TIMESTAMPNS, 1);
      socket->set(SOL_SOCKET, SO_RCVBUF, 4 << 20);
    }
    return out;
  }

  // An IP packet of `size` bytes.
  static void send_number(const TestSocket& from, std::uint64_t number, std::size_t size = 100) {
    std::vector<char> payload(size - 28);
    std::memcpy(payload.data(), &number, sizeof number);
    base::checked("send a datagram", send(from.get(), payload.data(), payload.size(), 0));
  }

  static std::optional<Arrival> receive(const TestSocket& at, int flags = 0) {
    Arrival out;
    std::vector<char> payload(2000), control(256);
    iovec piece{payload.data(), payload.size()};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    if (recvmsg(at.get(), &message, flags) < 0) return std::nullopt;
    std::memcpy(&out.number, payload.data(), sizeof out.number);
    timespec stamp{};
    std::memcpy(&stamp, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof stamp);
    out.at = std::chrono::seconds{stamp.tv_sec} + std::chrono::nanoseconds{stamp.tv_nsec};
    return out;
  }

  // All of `count` datagrams up, a few at a time so that no buffer of the kernel's overflows; those that arrived.
  std::vector<Arrival> send_up(const Path& path, std::uint64_t count) {
    std::vector<Arrival> out;
    for (std::uint64_t number = 0; number < count; ++number) {
      send_number(path.player, number);
      if (number % 100 != 99 && number + 1 < count) continue;
      while (router().read(kFirst).up.offered < number + 1) {
      }
      while (const auto arrival = receive(path.server, MSG_DONTWAIT)) out.push_back(*arrival);
    }
    while (out.size() < router().read(kFirst).up.delivered) {
      const auto arrival = receive(path.server);
      if (!arrival) break;
      out.push_back(*arrival);
    }
    return out;
  }

  base::Duration round_trip(const Path& path) {
    const base::Instant sent = base::steady_now();
    send_number(path.player, 0);
    EXPECT_TRUE(receive(path.server));
    send_number(path.server, 0);
    EXPECT_TRUE(receive(path.player));
    return base::steady_now() - sent;
  }
  base::Duration best_round_trip(const Path& path) {
    base::Duration best = 1h;
    for (int i = 0; i < 30; ++i) best = std::min(best, round_trip(path));
    return best;
  }
  base::Duration worst_lateness() { return base::from_seconds(router().stats().lateness.max()); }
};

TEST_F(Datagrams, ARoundTripTakesBothDelays) {
  plug({.down = {.delay = 8ms}, .up = {.delay = 5ms}});
  const base::Duration best = best_round_trip(path());
  EXPECT_GE(best, 13ms);
  EXPECT_LE(best, 14ms);
}

TEST_F(Datagrams, EachPlayerHasItsOwnRoundTrip) {
  plug({.up = {.delay = 3ms}});
  plug({.up = {.delay = 9ms}}, kSecond);
  EXPECT_LE(best_round_trip(path()), 4ms);
  const base::Duration second = best_round_trip(path(kSecond));
  EXPECT_GE(second, 9ms);
  EXPECT_LE(second, 10ms);
}

TEST_F(Datagrams, AReplacedLinkHoldsFromTheNextPacketOn) {
  const Path path = this->path();
  plug({.up = {.delay = 20ms}});
  EXPECT_GE(best_round_trip(path), 20ms);
  plug({.up = {.delay = 2ms}});
  EXPECT_LE(best_round_trip(path), 3ms);
}

TEST_F(Datagrams, AnUnpluggedPlayerReachesNobody) {
  const Path path = this->path();
  plug({});
  round_trip(path);
  router().unplug(kFirst);
  const std::uint64_t before = router().stats().unroutable;
  send_number(path.player, 1);
  while (router().stats().unroutable == before) {
  }
  EXPECT_FALSE(receive(path.server, MSG_DONTWAIT));
}

// The link's random numbers are seeded: the counts are the same in every run.
TEST_F(Datagrams, LossIsOfTheShareAskedFor) {
  constexpr double kPackets = 20'000, kShare = 0.01;
  plug({.up = {.loss = RandomLoss{kShare}}});
  const std::vector<Arrival> arrived = send_up(path(), static_cast<std::uint64_t>(kPackets));
  const LinkCounters counters = router().read(kFirst).up;
  EXPECT_EQ(arrived.size(), counters.delivered);
  EXPECT_EQ(counters.lost + counters.delivered, counters.offered);
  EXPECT_NEAR(static_cast<double>(counters.lost), kPackets * kShare, 3 * std::sqrt(kPackets * kShare * (1 - kShare)));
}

TEST_F(Datagrams, BurstsOfLossHaveTheLengthAskedFor) {
  plug({.up = {.loss = BurstLoss{.to_bad = 0.01, .to_good = 0.1}}});
  const std::vector<Arrival> arrived = send_up(path(), 30'000);
  std::vector<double> bursts;
  for (std::size_t i = 1; i < arrived.size(); ++i)
    if (const auto missing = arrived[i].number - arrived[i - 1].number - 1; missing > 0) bursts.push_back(static_cast<double>(missing));
  // 1 / to_good each, deviating by sqrt(1 - to_good) / to_good; 30,000 / (1/to_bad + 1/to_good) of them.
  const auto count = static_cast<double>(bursts.size());
  EXPECT_NEAR(std::accumulate(bursts.begin(), bursts.end(), 0.0) / count, 10, 3 * 9.5 / std::sqrt(count));
  EXPECT_NEAR(count, 30'000 / 110.0, 3 * std::sqrt(30'000 / 110.0));
}

TEST_F(Datagrams, JitterKeepsTheirOrder) {
  plug({.up = {.delay = 5ms, .jitter = {.deviation = 3ms}}});
  const std::vector<Arrival> arrived = send_up(path(), 2'000);
  EXPECT_EQ(arrived.size(), 2'000u);
  EXPECT_TRUE(std::ranges::is_sorted(arrived, {}, &Arrival::number));
}

TEST_F(Datagrams, ABacklogDrainsAtTheRate) {
  constexpr std::size_t kPackets = 200, kSize = 1250;  // 1.25 ms each
  plug({.down = {.rate = 8_Mbps, .queue = base::ByteCount::bytes(1 << 20)}});
  const Path path = this->path();
  const base::Instant began = base::steady_now();
  for (std::uint64_t i = 0; i < kPackets; ++i) send_number(path.server, i, kSize);
  const base::Duration sending = base::steady_now() - began;  // the link may have had nothing to send for no longer than that
  std::vector<Arrival> arrived;
  while (arrived.size() < kPackets) arrived.push_back(receive(path.player).value());
  const base::Duration took = arrived.back().at - arrived.front().at, ideal = 1250us * (kPackets - 1);
  const base::Duration tolerance = worst_lateness() + sending + 1ms;
  EXPECT_GE(took, ideal - tolerance);
  EXPECT_LE(took, ideal + tolerance);
}

TEST_F(Datagrams, EachStepOfATraceCarriesItsShare) {
  constexpr std::size_t kSize = 1250;
  const auto trace = std::make_shared<Trace>(Trace{
      .name = "steps", .steps = {{.lasts = 100ms, .rate = 4_Mbps}, {.lasts = 100ms, .rate = 12_Mbps}, {.lasts = 100ms, .rate = 2_Mbps}}});
  const Path path = this->path();
  // The backlog is there before the first step begins, behind a packet that only the step before it (the last, 2 Mbit/s) lets through.
  const base::Instant origin = base::steady_now() + 50ms;
  const base::Duration origin_utc = base::utc_now().time_since_epoch() + (origin - base::steady_now());
  plug({.down = {.rate = std::shared_ptr<const Trace>{trace}, .queue = base::ByteCount::bytes(1 << 20)}}, kFirst, origin);
  for (std::uint64_t i = 0; i < 250; ++i) send_number(path.server, i, kSize);
  std::vector<double> bytes(3);
  for (int i = 0; i < 250; ++i) {
    const base::Duration after = receive(path.player).value().at - origin_utc;
    if (after >= 0ms && after < 300ms) bytes[static_cast<std::size_t>(after / 100ms)] += kSize;
  }
  const double late = base::to_seconds(worst_lateness()) + 0.001;
  EXPECT_NEAR(bytes[0], 50'000, kSize + late * 12e6 / 8);
  EXPECT_NEAR(bytes[1], 150'000, kSize + late * 12e6 / 8);
  EXPECT_NEAR(bytes[2], 25'000, kSize + late * 12e6 / 8);
}

}  // namespace
}  // namespace netem
