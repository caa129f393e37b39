#include "tests/bench/echo_probe.h"

#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/errors.h"
#include "base/steady_timeline.h"

namespace bench {
namespace {

netem::Descriptor datagram_socket(netem::NetworkNamespace& space, std::uint32_t address, suseconds_t patience) {
  netem::Descriptor out{
      static_cast<int>(base::checked("open a socket", space.run([] { return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0); })))};
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(address);
  base::checked("bind a socket", bind(out.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name));
  const timeval wait{.tv_sec = 0, .tv_usec = patience};
  base::checked("set a socket's patience", setsockopt(out.get(), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait));
  return out;
}

void join(const netem::Descriptor& from, const netem::Descriptor& to) {
  sockaddr_in name{};
  socklen_t length = sizeof name;
  base::checked("ask for a socket's name", getsockname(to.get(), reinterpret_cast<sockaddr*>(&name), &length));
  base::checked("connect", connect(from.get(), reinterpret_cast<const sockaddr*>(&name), length));
}

}  // namespace

EchoProbe::EchoProbe(netem::NetworkNamespace& players, std::uint32_t player, netem::NetworkNamespace& servers, std::uint32_t server,
                     base::Duration expected)
    : asking_{datagram_socket(players, player, 500'000)}, answering_{datagram_socket(servers, server, 50'000)}, expected_{expected} {
  join(asking_, answering_);
  join(answering_, asking_);
  answerer_ = std::thread{[this] { answer(); }};
  asker_ = std::thread{[this] { ask(); }};
}

EchoProbe::~EchoProbe() {
  leaving_ = true;
  asker_.join();
  answerer_.join();
}

void EchoProbe::answer() {
  prctl(PR_SET_NAME, "echo-answer");
  for (char byte = 0; !leaving_;)
    if (recv(answering_.get(), &byte, 1, 0) == 1) send(answering_.get(), &byte, 1, 0);
}

void EchoProbe::ask() {
  prctl(PR_SET_NAME, "echo-ask");
  prctl(PR_SET_TIMERSLACK, 1000UL);
  for (std::uint8_t number = 0; !leaving_; ++number) {
    const base::Instant sent = base::steady_now();
    auto echo = static_cast<std::uint8_t>(~number);
    bool heard = send(asking_.get(), &number, 1, 0) == 1;
    while (heard && echo != number) heard = recv(asking_.get(), &echo, 1, 0) == 1;  // those that were given up come first
    if (heard) {
      const std::lock_guard lock{mutex_};
      added_.add(base::to_seconds(base::steady_now() - sent - expected_));
    }
    timeval pause{.tv_sec = 0, .tv_usec = 5'000};
    select(0, nullptr, nullptr, nullptr, &pause);
  }
}

void EchoProbe::measure_from() {
  const std::lock_guard lock{mutex_};
  added_ = {};
}

base::Histogram EchoProbe::added() const {
  const std::lock_guard lock{mutex_};
  return added_;
}

}  // namespace bench
