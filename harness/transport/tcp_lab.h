// For tests: a client and a server over a link, with a log of every segment and a hand that takes segments off the wire.
#pragma once

#include <functional>
#include <vector>

#include "harness/transport/tcp_endpoint.h"
#include "harness/transport/tcp_path.h"

namespace harness {

class TcpLab {
 public:
  using Direction = TcpPacket::Direction;
  struct Logged {
    base::Instant at;
    TcpPacket packet;
  };
  // The client connects at once.
  explicit TcpLab(const netem::LinkSpec& link, std::uint64_t seed = 1, CongestionControl control = CongestionControl::kCubic)
      : server{10, control}, path_{link, kStart, seed} {
    client.connect(now, out_);
    send(Direction::kUp);
  }
  static netem::LinkSpec link(base::Bitrate rate, base::Duration rtt, base::ByteCount queue) {
    netem::LinkSpec spec;
    spec.down = {.rate = rate, .delay = rtt / 2, .queue = queue};
    spec.up = {.rate = base::Bitrate::bits_per_second(100'000'000), .delay = rtt / 2, .queue = base::ByteCount::bytes(1'000'000)};
    return spec;
  }

  void serve(std::uint64_t bytes) {
    server.write(now, bytes, out_);
    send(Direction::kDown);
  }
  void ask(std::uint64_t bytes) {
    client.write(now, bytes, out_);
    send(Direction::kUp);
  }
  // `done` is asked after whatever happens, for so long at most. Returns: whether it held.
  bool run_until(const std::function<bool()>& done, base::Duration longest) {
    const base::Instant end = now + longest;
    while (!done())
      if (!step(end)) return now = end, false;
    return true;
  }
  void run_for(base::Duration time) {
    run_until([] { return false; }, time);
  }
  // Returns: whether the client came to have `bytes` in order within a simulated minute.
  bool run_until_received(std::uint64_t bytes) {
    return run_until([this, bytes] { return client.received() >= bytes; }, std::chrono::minutes{1});
  }
  std::size_t count(Direction direction, base::Instant from = kStart) const {
    std::size_t n = 0;
    for (const Logged& each : log)
      if (each.packet.direction == direction && each.at >= from) ++n;
    return n;
  }
  const netem::LinkCounters& down() const { return path_.counters(Direction::kDown); }

  static constexpr base::Instant kStart{std::chrono::seconds{1000}};
  base::Instant now = kStart;
  TcpEndpoint client{10}, server;
  std::vector<Logged> log{};                             // of what was sent
  std::function<bool(const TcpPacket& packet)> loses{};  // after it was logged

 private:
  void send(Direction direction) {
    for (const TcpSegment& segment : out_) {
      const TcpPacket packet{.direction = direction, .segment = segment};
      log.push_back({now, packet});
      if (!loses || !loses(packet)) path_.send(now, packet);
    }
    out_.clear();
  }
  bool step(base::Instant end) {
    const base::Instant next = std::min({path_.next_due(), client.wakes_at(), server.wakes_at()});
    if (next > end) return false;
    now = std::max(now, next);
    while (const auto packet = path_.take(now)) {
      const bool up = packet->direction == Direction::kUp;
      (up ? server : client).receive(now, packet->segment, out_);
      send(up ? Direction::kDown : Direction::kUp);
    }
    if (client.wakes_at() <= now) client.wake(now, out_);
    send(Direction::kUp);
    if (server.wakes_at() <= now) server.wake(now, out_);
    send(Direction::kDown);
    return true;
  }

  TcpPath path_;
  std::vector<TcpSegment> out_{};
};

}  // namespace harness
