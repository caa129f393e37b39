#include "netem/topology/relay.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <thread>

#include "netem/topology/descriptor.h"
#include "netem/topology/way_in.h"

namespace netem {
namespace {

constexpr Ipv4Prefix kAliases{0xC6130000, 16};

// A listener on loopback, outside every namespace of ours.
class Target {
 public:
  explicit Target(int family) : socket_{socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    name_.ss_family = static_cast<sa_family_t>(family);
    if (family == AF_INET6)
      reinterpret_cast<sockaddr_in6&>(name_).sin6_addr = in6addr_loopback;
    else
      reinterpret_cast<sockaddr_in&>(name_).sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    usable_ = bind(socket_.get(), reinterpret_cast<sockaddr*>(&name_), sizeof name_) == 0 && listen(socket_.get(), 8) == 0;
    socklen_t length = sizeof name_;
    getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&name_), &length);
  }
  bool usable() const { return usable_; }
  const sockaddr_storage& name() const { return name_; }
  Descriptor accept_one() const { return Descriptor{accept(socket_.get(), nullptr, nullptr)}; }
  void stop_listening() { socket_ = Descriptor{}; }

 private:
  Descriptor socket_;
  sockaddr_storage name_{};
  bool usable_ = false;
};

class RelayTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const Privilege privilege = ensure_network_privilege(); !privilege.granted) GTEST_SKIP() << privilege.reason;
    inside_.emplace("inside");
    inside_->run([] { RouteSocket{"inside"}.add_local_route(kAliases); });
    relay_.emplace(*inside_, kAliases);
  }
  Descriptor connected(const sockaddr_in& alias) {
    Descriptor out{inside_->run([] { return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); })};
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    setsockopt(out.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    EXPECT_EQ(connect(out.get(), reinterpret_cast<const sockaddr*>(&alias), sizeof alias), 0) << std::strerror(errno);
    return out;
  }
  std::optional<NetworkNamespace> inside_;
  std::optional<Relay> relay_;
};

std::string all_of(int fd) {
  std::string out;
  char bytes[65536];
  for (ssize_t n; (n = read(fd, bytes, sizeof bytes)) > 0;) out.append(bytes, static_cast<std::size_t>(n));
  return out;
}

void send_all(int fd, const std::string& text) {
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t n = send(fd, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return;
    sent += static_cast<std::size_t>(n);
  }
}

TEST_F(RelayTest, CarriesBothDirectionsToLoopbackOutside) {
  const Target target{AF_INET};
  const Descriptor player = connected(relay_->alias_of(target.name(), sizeof(sockaddr_in)));
  const Descriptor server = target.accept_one();
  const std::string answer(3'000'000, 'x');
  std::string question;
  std::thread serving{[&] {
    question = all_of(server.get());
    send_all(server.get(), answer);
    shutdown(server.get(), SHUT_WR);
  }};
  send_all(player.get(), "question");
  shutdown(player.get(), SHUT_WR);
  EXPECT_EQ(all_of(player.get()), answer);
  serving.join();
  EXPECT_EQ(question, "question");
}

TEST_F(RelayTest, ReachesAnIpv6TargetByAnIpv4Alias) {
  const Target target{AF_INET6};
  if (!target.usable()) GTEST_SKIP() << "no IPv6 loopback on this machine";
  const Descriptor player = connected(relay_->alias_of(target.name(), sizeof(sockaddr_in6)));
  const Descriptor server = target.accept_one();
  send_all(server.get(), "six");
  shutdown(server.get(), SHUT_WR);
  EXPECT_EQ(all_of(player.get()), "six");
}

TEST_F(RelayTest, ATargetKeepsItsAlias) {
  const Target target{AF_INET};
  const sockaddr_in first = relay_->alias_of(target.name(), sizeof(sockaddr_in));
  const sockaddr_in second = relay_->alias_of(target.name(), sizeof(sockaddr_in));
  EXPECT_EQ(first.sin_addr.s_addr, second.sin_addr.s_addr);
  EXPECT_EQ(ntohl(first.sin_addr.s_addr), kAliases.address + 1);
}

TEST_F(RelayTest, ATargetThatRefusesResetsThePlayer) {
  Target target{AF_INET};
  const sockaddr_in alias = relay_->alias_of(target.name(), sizeof(sockaddr_in));
  target.stop_listening();
  const Descriptor player = connected(alias);
  char byte = 0;
  EXPECT_EQ(recv(player.get(), &byte, 1, 0), -1);
  EXPECT_EQ(errno, ECONNRESET);
  EXPECT_EQ(relay_->stats().refused, 1u);
}

TEST_F(RelayTest, AWayInLeadsFromLoopbackOutsideToAPortInside) {
  const Descriptor listener{inside_->run([] { return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); })};
  ASSERT_EQ(listen(listener.get(), 8), 0);
  sockaddr_in name{};
  socklen_t length = sizeof name;
  getsockname(listener.get(), reinterpret_cast<sockaddr*>(&name), &length);
  WayIn way{*inside_, INADDR_LOOPBACK};
  sockaddr_in outside{};
  outside.sin_family = AF_INET;
  outside.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  outside.sin_port = htons(way.open(ntohs(name.sin_port)));
  const Descriptor visitor{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  ASSERT_EQ(connect(visitor.get(), reinterpret_cast<sockaddr*>(&outside), sizeof outside), 0);
  const Descriptor server{accept(listener.get(), nullptr, nullptr)};
  send_all(server.get(), "come in");
  shutdown(server.get(), SHUT_WR);
  EXPECT_EQ(all_of(visitor.get()), "come in");
}

}  // namespace
}  // namespace netem
