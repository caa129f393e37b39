// TCP through real TUN devices, whose kernel hands the router trains of segments.
#include <netinet/in.h>

#include <cmath>
#include <thread>

#include "tests/netem/tun_lab.h"

namespace netem {
namespace {

using namespace base::literals;
using test::TestSocket;

class Streams : public test::TunLab {
 protected:
  // The server sends `size` bytes whose values follow from their position; the player checks each. Calls `progress` with the bytes
  // received so far.
  template <class Progress>
  void download(std::size_t size, Progress progress) {
    const TestSocket listener = server_socket(SOCK_STREAM);
    base::checked("listen", listen(listener.get(), 1));
    const TestSocket player = player_socket(SOCK_STREAM);
    std::thread server{[&] { send_pattern(listener.accept_one(), size); }};
    player.connect_to(listener.name());
    std::vector<std::uint8_t> room(1 << 16);
    std::size_t received = 0;
    bool intact = true;
    for (ssize_t got = 0; (got = recv(player.get(), room.data(), room.size(), 0)) > 0;) {
      for (std::size_t i = 0; i < static_cast<std::size_t>(got); ++i) intact &= room[i] == byte_at(received + i);
      progress(received += static_cast<std::size_t>(got));
    }
    server.join();
    EXPECT_EQ(received, size);
    EXPECT_TRUE(intact);
  }
  void download(std::size_t size) {
    download(size, [](std::size_t) {});
  }

 private:
  static std::uint8_t byte_at(std::size_t position) { return static_cast<std::uint8_t>(position * 31 + position / 1448); }
  static void send_pattern(const TestSocket& to, std::size_t size) {
    std::vector<std::uint8_t> bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = byte_at(i);
    for (std::size_t sent = 0; sent < size;) {
      const ssize_t now = send(to.get(), bytes.data() + sent, size - sent, MSG_NOSIGNAL);
      if (now <= 0) return;
      sent += static_cast<std::size_t>(now);
    }
  }
};

TEST_F(Streams, GoodputIsTheRateLessTheHeaders) {
  plug({.down = {.rate = 10_Mbps, .delay = 10ms}, .up = {.delay = 10ms}});
  constexpr std::size_t kSize = 2'500'000, kFrom = 500'000;  // beyond slow start
  std::optional<std::pair<base::Instant, std::size_t>> from;
  download(kSize, [&](std::size_t received) {
    if (!from && received >= kFrom) from = {base::steady_now(), received};
  });
  ASSERT_TRUE(from);
  const double rate = static_cast<double>(kSize - from->second) * 8 / base::to_seconds(base::steady_now() - from->first);
  EXPECT_NEAR(rate, 10e6 * 1448 / 1500, 10e6 * 0.03);
}

TEST_F(Streams, BytesSurviveTheLossOfSegments) {
  constexpr double kShare = 0.01;
  plug({.down = {.rate = 200_Mbps, .delay = 1ms, .loss = RandomLoss{kShare}, .queue = base::ByteCount::bytes(1 << 20)},
        .up = {.delay = 1ms}});
  download(8'000'000);
  const LinkCounters counters = router().read(kFirst).down;
  const auto segments = static_cast<double>(counters.offered);
  EXPECT_GE(segments, 8e6 / 1448);
  EXPECT_NEAR(static_cast<double>(counters.lost), segments * kShare, 3 * std::sqrt(segments * kShare * (1 - kShare)));
}

TEST_F(Streams, BytesSurviveDuplicationAndReordering) {
  plug({.down = {.rate = 200_Mbps, .delay = 2ms, .duplicate = 0.02, .reorder = 0.02, .queue = base::ByteCount::bytes(1 << 20)},
        .up = {.delay = 1ms, .duplicate = 0.02}});
  download(4'000'000);
  EXPECT_GT(router().read(kFirst).down.duplicated, 0u);
}

TEST_F(Streams, TheRouterIsGivenTrainsAndJudgesSegments) {
  plug({.down = {.delay = 1ms}, .up = {.delay = 1ms}});
  download(20'000'000);
  const BackendStats stats = router().stats();
  EXPECT_GE(router().read(kFirst).down.bytes_offered, base::ByteCount::bytes(20'000'000 / 1448 * 1500));
  EXPECT_EQ(stats.failure, "");
}

}  // namespace
}  // namespace netem
