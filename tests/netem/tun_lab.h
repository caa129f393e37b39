// TunLab: players and servers in namespaces of their own with the router between them, and sockets on both sides. For tests.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/errors.h"
#include "base/steady_timeline.h"
#include "netem/topology/descriptor.h"
#include "netem/topology/network_namespace.h"
#include "netem/topology/route_socket.h"
#include "netem/topology/tun_device.h"
#include "netem/tun/threaded_receive.h"
#include "netem/tun/tun_router.h"

namespace netem::test {

inline sockaddr_in name_of(Ipv4 address, std::uint16_t port = 0) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  out.sin_addr.s_addr = htonl(address);
  return out;
}

// Blocking, with patience: a test that waits in vain fails after 30 s.
class TestSocket {
 public:
  TestSocket() = default;
  TestSocket(NetworkNamespace& space, int type, const sockaddr_in& name) {
    own_ = Descriptor{static_cast<int>(base::checked("open a socket", space.run([&] { return socket(AF_INET, type | SOCK_CLOEXEC, 0); })))};
    base::checked("bind a socket", bind(own_.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name));
    be_patient();
  }
  explicit TestSocket(int fd) : own_{fd} { be_patient(); }

  int get() const { return own_.get(); }
  sockaddr_in name() const {
    sockaddr_in out{};
    socklen_t length = sizeof out;
    base::checked("ask for a socket's name", getsockname(get(), reinterpret_cast<sockaddr*>(&out), &length));
    return out;
  }
  void set(int level, int option, int value) const {
    base::checked("set a socket option", setsockopt(get(), level, option, &value, sizeof value));
  }
  void connect_to(const sockaddr_in& peer) const {
    base::checked("connect", connect(get(), reinterpret_cast<const sockaddr*>(&peer), sizeof peer));
  }
  TestSocket accept_one() const { return TestSocket{static_cast<int>(base::checked("accept", accept(get(), nullptr, nullptr)))}; }

 private:
  void be_patient() const {
    const timeval patience{.tv_sec = 30, .tv_usec = 0};
    for (const int option : {SO_RCVTIMEO, SO_SNDTIMEO}) setsockopt(get(), SOL_SOCKET, option, &patience, sizeof patience);
  }
  Descriptor own_;
};

class TunLab : public testing::Test {
 protected:
  static constexpr Ipv4 kServer = 0xC6120001;  // 198.18.0.1
  static constexpr Ipv4 kFirst = 0x0A400001;   // 10.64.0.1
  static constexpr Ipv4 kSecond = 0x0A400002;

  void SetUp() override {
    if (const Privilege privilege = ensure_network_privilege(); !privilege.granted) GTEST_SKIP() << privilege.reason;
    if (access("/dev/net/tun", R_OK | W_OK) != 0) GTEST_SKIP() << "open /dev/net/tun: " << std::strerror(errno);
    players_.emplace("players");
    servers_.emplace("servers");
    players_->run([] { RouteSocket{"players"}.add_local_route({0x0A400000, 16}); });
    servers_->run([] { RouteSocket{"servers"}.add_address("lo", {kServer, 32}); });
    players_device_ = device_towards(*players_, {kServer, 32});
    servers_device_ = device_towards(*servers_, {0x0A400000, 16});
    router_.emplace(TunRouter::Options{
        .players = players_device_->descriptor(), .servers = servers_device_->descriptor(), .bottlenecks = {}, .real_time_priority = 1});
  }

  void plug(const LinkSpec& link, Ipv4 address = kFirst, base::Instant origin = {}) {
    router_->plug({.address = address, .link = link, .origin = origin, .seed = 42});
  }
  TestSocket player_socket(int type, Ipv4 address = kFirst) { return {*players_, type, name_of(address)}; }
  TestSocket server_socket(int type) { return {*servers_, type, name_of(kServer)}; }
  TunRouter& router() { return *router_; }
  bool give_receiving_threads() {
    return players_->run([this] { return receive_on_own_thread(players_device_->name()); }) &&
           servers_->run([this] { return receive_on_own_thread(servers_device_->name()); });
  }

 private:
  static std::unique_ptr<TunDevice> device_towards(NetworkNamespace& space, const Ipv4Prefix& other_side) {
    return space.run([&] {
      auto device = std::make_unique<TunDevice>(TunDevice::Options{});
      RouteSocket route{space.name()};
      route.set_up(device->name());
      route.add_route({.to = other_side, .device = device->name(), .congestion_control = "cubic"});
      return device;
    });
  }
  std::optional<NetworkNamespace> players_, servers_;
  std::unique_ptr<TunDevice> players_device_, servers_device_;
  std::optional<TunRouter> router_;
};

}  // namespace netem::test
