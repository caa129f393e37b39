#include "tests/netem/kernel_lab.h"

#include <sys/socket.h>

#include "netem/topology/route_socket.h"

namespace netem {
namespace {

constexpr Ipv4Prefix kPlayers{0x0A400000, 16};
constexpr Ipv4 kPlayersEnd = 0xA9FE0001, kServersEnd = 0xA9FE0002;  // 169.254.0.1 and .2

void lay_out_players(NetworkNamespace& servers) {
  RouteSocket route{"players"};
  route.add_veth("p0", "s0", servers.descriptor());
  route.add_address("p0", {kPlayersEnd, 30});
  route.set_up("p0");
  route.add_route({.to = {KernelLab::kServer, 32}, .device = "p0", .via = kServersEnd});
  route.add_local_route(kPlayers);
}

void lay_out_servers() {
  RouteSocket route{"servers"};
  route.add_address("s0", {kServersEnd, 30});
  route.add_address("lo", {KernelLab::kServer, 32});
  route.set_up("s0");
  route.add_route({.to = kPlayers, .device = "s0", .via = kPlayersEnd});
}

Descriptor open_in(NetworkNamespace& space, int type) {
  return Descriptor{space.run([type] { return socket(AF_INET, type | SOCK_CLOEXEC, 0); })};
}

}  // namespace

KernelLab::KernelLab(std::vector<Bottleneck> bottlenecks) : players_{"players"}, servers_{"servers"} {
  players_.run([this] { lay_out_players(servers_); });
  servers_.run(lay_out_servers);
  links_ = std::make_unique<KernelLinks>(KernelLinks::Options{
      .players = &players_, .servers = &servers_, .players_device = "p0", .servers_device = "s0", .bottlenecks = std::move(bottlenecks)});
}

MeasuredLink KernelLab::ends(Ipv4 player) {
  return {.player_socket = [this](int type) { return open_in(players_, type); },
          .server_socket = [this](int type) { return open_in(servers_, type); },
          .player = player,
          .server = kServer};
}

}  // namespace netem
