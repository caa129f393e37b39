#include "tests/netem/link_measure.h"

#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <thread>

#include "base/errors.h"
#include "base/steady_timeline.h"
#include "tests/netem/measuring_socket.h"

namespace netem {
namespace {

using base::ByteCount;
using base::Duration;
using base::Instant;
using namespace base::literals;

constexpr std::int64_t kFullPacket = 1'500;
constexpr Duration kLongestHandshake = 10s;

struct Pair {
  MeasuringSocket sender, receiver;
};

// Two datagram sockets, the sender connected to the receiver.
Pair open_pair(const MeasuredLink& link, Towards towards) {
  MeasuringSocket player{link.player_socket(SOCK_DGRAM), link.player};
  MeasuringSocket server{link.server_socket(SOCK_DGRAM), link.server};
  Pair out = towards == Towards::kPlayer ? Pair{std::move(server), std::move(player)} : Pair{std::move(player), std::move(server)};
  out.sender.connect_to(out.receiver.name());
  return out;
}

void put_number(std::span<std::uint8_t> into, std::uint64_t number) { std::memcpy(into.data(), &number, sizeof number); }
std::uint64_t number_in(std::span<const std::uint8_t> bytes) {
  std::uint64_t out = 0;
  std::memcpy(&out, bytes.data(), sizeof out);
  return out;
}

// A datagram of a round trip. Times are UTC, in nanoseconds.
struct Probe {
  std::uint64_t number = 0;
  std::int64_t held = 0;  // between its arrival at the server and its way back
};

std::int64_t nanoseconds(base::UtcTime time) { return time.time_since_epoch().count(); }
std::span<std::uint8_t> bytes_of(Probe& probe) { return {reinterpret_cast<std::uint8_t*>(&probe), sizeof probe}; }

// Answers every datagram until an empty one comes.
void echo(MeasuringSocket& socket) {
  Probe probe;
  base::UtcTime arrived;
  sockaddr_in from{};
  while (true) {
    const std::optional<std::size_t> size = socket.receive(bytes_of(probe), &arrived, &from);
    if (size == 0U) return;
    if (!size) continue;
    probe.held = nanoseconds(base::utc_now()) - nanoseconds(arrived);
    socket.send_to(from, bytes_of(probe));
  }
}

// Nothing when the answer does not come.
std::optional<Duration> round_trip(MeasuringSocket& socket, std::uint64_t number) {
  Probe question{.number = number}, answer{.number = number + 1};
  base::UtcTime arrived;
  const base::UtcTime sent = base::utc_now();
  socket.send(bytes_of(question));
  while (answer.number != number)
    if (!socket.receive(bytes_of(answer), &arrived)) return std::nullopt;
  return arrived - sent - Duration{answer.held};
}

// Fires every `period`; a wait that comes too late returns at once.
class Beat {
 public:
  explicit Beat(Duration period) : timer_{timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)} {
    base::checked("make a timer", timer_.get());
    const timespec each{.tv_sec = 0, .tv_nsec = period.count()};
    const itimerspec beat{.it_interval = each, .it_value = each};
    base::checked("set a timer", timerfd_settime(timer_.get(), 0, &beat, nullptr));
  }
  void wait() {
    std::uint64_t beats = 0;
    base::checked("wait for a timer", read(timer_.get(), &beats, sizeof beats));
  }

 private:
  Descriptor timer_;
};

// Full packets at `rate` from now until `end`.
void offer(MeasuringSocket& socket, base::Bitrate rate, Instant end) {
  const std::vector<std::uint8_t> payload(kFullPacket - kUdpHeaders);
  Beat beat{4ms};
  const Instant begin = base::steady_now();
  std::int64_t sent = 0;
  for (Instant now = begin; now < end; now = base::steady_now()) {
    const std::int64_t wanted = (rate * (now - begin)).count() / kFullPacket;
    socket.send_many(payload, static_cast<std::size_t>(wanted - sent));
    sent = wanted;
    beat.wait();
  }
}

// Reads the numbers that arrive.
class NumberReader {
 public:
  NumberReader(MeasuringSocket& socket, std::uint64_t count) : socket_{socket}, seen_(count) {}

  // Until `number` or a later one is there, or none comes within the socket's patience.
  void read_up_to(std::uint64_t number) {
    while (highest_ < number + 1 && read_one()) {
    }
  }
  void read_rest() {
    while (read_one()) {
    }
  }

  DatagramCount result() const {
    DatagramCount out = count_;
    std::uint64_t run = 0;
    for (const bool arrived : seen_) {
      if (arrived && run > 0) out.bursts.push_back(run);
      run = arrived ? 0 : run + 1;
    }
    if (run > 0) out.bursts.push_back(run);
    out.sent = seen_.size();
    return out;
  }

 private:
  bool read_one() {
    std::array<std::uint8_t, 2048> bytes;
    if (!socket_.receive(bytes)) return false;
    const std::uint64_t number = number_in(bytes);
    if (number >= seen_.size()) return true;
    if (seen_[number]) {
      ++count_.again;
      return true;
    }
    seen_[number] = true;
    ++count_.arrived;
    if (number + 1 < highest_) ++count_.overtaken;
    highest_ = std::max(highest_, number + 1);
    return true;
  }

  MeasuringSocket& socket_;
  std::vector<bool> seen_;
  std::uint64_t highest_ = 0;  // plus one
  DatagramCount count_;
};

// Writes until the peer closes.
void feed(MeasuringSocket& listener) {
  const Descriptor connection{accept(listener.get(), nullptr, nullptr)};
  if (connection.get() < 0) return;
  const std::vector<std::uint8_t> bytes(64 << 10);
  while (send(connection.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0) {
  }
}

std::int64_t read_until(MeasuringSocket& socket, Instant end) {
  std::vector<std::uint8_t> bytes(256 << 10);
  std::int64_t total = 0;
  while (base::steady_now() < end) {
    const ssize_t size = recv(socket.get(), bytes.data(), bytes.size(), 0);
    if (size == 0) return total;
    if (size > 0) total += size;
  }
  return total;
}

}  // namespace

std::vector<Duration> measure_round_trips(const MeasuredLink& link, std::size_t count, Duration patience) {
  auto [player, server] = open_pair(link, Towards::kServer);
  MeasuringSocket stopper{link.server_socket(SOCK_DGRAM), link.server};
  stopper.connect_to(server.name());
  player.set_patience(patience);
  std::thread echoing{[&server = server] { echo(server); }};
  round_trip(player, 0);  // before it the next hop's address is asked for
  std::vector<Duration> out;
  for (std::uint64_t number = 1; number <= count; ++number)
    if (const std::optional<Duration> each = round_trip(player, number)) out.push_back(*each);
  stopper.send({});
  echoing.join();
  std::sort(out.begin(), out.end());
  return out;
}

Duration quantile_of(const std::vector<Duration>& ascending, double q) {
  return ascending.at(static_cast<std::size_t>(q * static_cast<double>(ascending.size() - 1) + 0.5));
}

DatagramCount count_datagrams(const MeasuredLink& link, const Numbered& numbered) {
  auto [sender, receiver] = open_pair(link, numbered.towards);
  receiver.set_patience(numbered.patience);
  std::vector<std::uint8_t> payload(static_cast<std::size_t>(numbered.packet.count() - kUdpHeaders));
  NumberReader reader{receiver, numbered.count};
  for (std::uint64_t number = 0; number < numbered.count; ++number) {
    put_number(payload, number);
    sender.send(payload);
    if ((number + 1) % numbered.batch == 0) reader.read_up_to(number);
  }
  reader.read_rest();
  return reader.result();
}

std::vector<base::Bitrate> measure_rate(const MeasuredLink& link, const Stream& stream) {
  auto [sender, receiver] = open_pair(link, stream.towards);
  receiver.set_patience(100ms);
  const base::WallAnchor anchor{base::steady_now(), base::utc_now()};
  const Instant end = stream.start + stream.width * static_cast<std::int64_t>(stream.bins);
  std::thread offering{[&sender = sender, &stream, end] {
    Beat beat{1ms};
    while (base::steady_now() < stream.start - stream.lead) beat.wait();
    offer(sender, stream.offered, end);
  }};
  std::vector<std::int64_t> bytes(stream.bins);
  std::array<std::uint8_t, 2048> packet;
  base::UtcTime at;
  while (base::steady_now() < end + 100ms) {
    const std::optional<std::size_t> size = receiver.receive(packet, &at);
    if (!size) continue;
    const Duration after = anchor.instant_at(at) - stream.start;
    if (after < Duration::zero() || after >= end - stream.start) continue;
    bytes[static_cast<std::size_t>(after / stream.width)] += static_cast<std::int64_t>(*size) + kUdpHeaders;
  }
  offering.join();
  std::vector<base::Bitrate> out;
  for (const std::int64_t each : bytes) out.push_back(base::Bitrate::of(ByteCount::bytes(each), stream.width));
  return out;
}

base::Bitrate measure_goodput(const MeasuredLink& link, Duration time, Duration warm_up) {
  MeasuringSocket player{link.player_socket(SOCK_STREAM), link.player};
  MeasuringSocket listener{link.server_socket(SOCK_STREAM), link.server};
  base::checked("listen", listen(listener.get(), 1));
  listener.set_patience(kLongestHandshake);
  std::thread feeding{[&listener] { feed(listener); }};
  player.connect_to(listener.name());
  player.set_patience(100ms);
  read_until(player, base::steady_now() + warm_up);
  const Instant begin = base::steady_now();
  const std::int64_t bytes = read_until(player, begin + time);
  const Duration took = base::steady_now() - begin;
  shutdown(player.get(), SHUT_RDWR);
  // What is unread makes the kernel answer the feed with a reset, so that it ends at once.
  player = MeasuringSocket{link.player_socket(SOCK_DGRAM), link.player};
  feeding.join();
  return base::Bitrate::of(ByteCount::bytes(bytes), took);
}

}  // namespace netem
