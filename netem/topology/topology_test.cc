// Needs the right to make network namespaces; without it the tests are skipped with the kernel's reason.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <filesystem>
#include <thread>

#include "base/errors.h"
#include "netem/topology/descriptor.h"
#include "netem/topology/network_namespace.h"
#include "netem/topology/route_socket.h"
#include "netem/topology/tun_device.h"

namespace netem {
namespace {

class Topology : public testing::Test {
 protected:
  void SetUp() override {
    if (const Privilege privilege = ensure_network_privilege(); !privilege.granted) GTEST_SKIP() << privilege.reason;
  }
};

std::string own_namespace() { return std::filesystem::read_symlink("/proc/thread-self/ns/net").string(); }

sockaddr_in at(std::uint32_t address, std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  out.sin_addr.s_addr = htonl(address);
  return out;
}

int errno_of_bind(NetworkNamespace& space, std::uint32_t address) {
  return space.run([&] {
    const Descriptor socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    const sockaddr_in name = at(address, 0);
    return bind(socket.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 ? 0 : errno;
  });
}

TEST_F(Topology, WorkRunsInTheNamespaceWhileTheCallerStaysOutside) {
  const std::string outside = own_namespace();
  NetworkNamespace space{"inside"};
  EXPECT_NE(space.run(own_namespace), outside);
  EXPECT_EQ(space.run(own_namespace), space.run(own_namespace));
  EXPECT_EQ(own_namespace(), outside);
}

TEST_F(Topology, WhatTheWorkThrowsComesOut) {
  NetworkNamespace space{"inside"};
  EXPECT_THROW(space.run([] { throw base::RunFailed("on purpose"); }), base::RunFailed);
  EXPECT_EQ(space.run([] { return 7; }), 7);
}

TEST_F(Topology, AThreadCanMoveIn) {
  NetworkNamespace space{"inside"};
  std::string seen;
  std::thread{[&] {
    space.enter();
    seen = own_namespace();
  }}.join();
  EXPECT_EQ(seen, space.run(own_namespace));
}

TEST_F(Topology, ALocalRouteMakesEveryAddressOfAPrefixOurOwn) {
  NetworkNamespace space{"inside"};
  EXPECT_EQ(errno_of_bind(space, 0x0A400102), EADDRNOTAVAIL);
  space.run([] { RouteSocket{"inside"}.add_local_route({0x0A400000, 16}); });
  EXPECT_EQ(errno_of_bind(space, 0x0A400102), 0);
  EXPECT_EQ(errno_of_bind(space, 0x0A410102), EADDRNOTAVAIL);
}

TEST_F(Topology, AVethPairJoinsTwoNamespaces) {
  NetworkNamespace players{"players"}, servers{"servers"};
  players.run([&] {
    RouteSocket route{"players"};
    route.add_veth("p0", "s0", servers.descriptor());
    route.add_address("p0", {0x0A000001, 30});
    route.set_up("p0");
    route.cap_segments("p0", 1);
    route.add_route({.to = {0xC6120001, 32}, .device = "p0", .via = 0x0A000002});
  });
  servers.run([&] {
    RouteSocket route{"servers"};
    route.add_address("s0", {0x0A000002, 30});
    route.add_address("lo", {0xC6120001, 32});
    route.set_up("s0");
  });
  const Descriptor listener{servers.run([] { return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0); })};
  sockaddr_in name = at(0xC6120001, 0);
  ASSERT_EQ(bind(listener.get(), reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
  socklen_t length = sizeof name;
  getsockname(listener.get(), reinterpret_cast<sockaddr*>(&name), &length);
  const Descriptor sender{players.run([] { return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0); })};
  ASSERT_EQ(sendto(sender.get(), "x", 1, 0, reinterpret_cast<sockaddr*>(&name), sizeof name), 1);
  const timeval patience{.tv_sec = 10, .tv_usec = 0};
  setsockopt(listener.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  char byte = 0;
  EXPECT_EQ(recv(listener.get(), &byte, 1, 0), 1);
}

TEST_F(Topology, ARouteNamesItsCongestionControl) {
  NetworkNamespace space{"inside"};
  EXPECT_NO_THROW(space.run([] {
    RouteSocket{"inside"}.add_route({.to = {0x0A400000, 16}, .device = "lo", .congestion_control = "reno"});
  }));
}

TEST_F(Topology, AFailureNamesTheAttemptTheNamespaceAndTheReason) {
  NetworkNamespace space{"inside"};
  try {
    space.run([] { RouteSocket{"inside"}.add_route({.to = {0x0A400000, 16}, .device = "nowhere"}); });
    FAIL() << "no exception";
  } catch (const base::RunFailed& failure) {
    EXPECT_STREQ(failure.what(), "find device nowhere in namespace inside: No such device");
  }
}

TEST_F(Topology, ATunDeviceGoesWithItsDescriptor) {
  if (access("/dev/net/tun", R_OK | W_OK) != 0) GTEST_SKIP() << "no /dev/net/tun here that may be opened";
  NetworkNamespace space{"inside"};
  space.run([] {
    std::string name;
    {
      const TunDevice device{{}};
      name = device.name();
      EXPECT_GT(RouteSocket{"inside"}.index_of(name), 0);
    }
    EXPECT_THROW(RouteSocket{"inside"}.index_of(name), base::RunFailed);
  });
}

TEST(Ipv4Prefix, ReadsAsTheFieldWritesIt) { EXPECT_EQ(to_text(Ipv4Prefix{0x0A400000, 16}), "10.64.0.0/16"); }

}  // namespace
}  // namespace netem
