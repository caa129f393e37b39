#include "tests/bench/links_lab.h"

#include <fmt/format.h>

#include <fstream>
#include <string>

#include "base/steady_timeline.h"
#include "netem/kernel/kernel_links.h"
#include "netem/tun/threaded_receive.h"
#include "netem/tun/tun_router.h"

namespace bench {
namespace {

using netem::Ipv4Prefix;
using netem::RouteSocket;

constexpr Ipv4Prefix kServerSide{LinksLab::kServer, 32};
constexpr Ipv4Prefix kPlayerSide{0x0A400000, 16};                          // 10.64.0.0/16
constexpr netem::Ipv4 kPlayersEnd = 0x0A000001, kServersEnd = 0x0A000002;  // of the veth pair
constexpr const char* kPlayersVeth = "p0";
constexpr const char* kServersVeth = "s0";

}  // namespace

LinksLab::LinksLab(const Options& options) {
  players_.run([] { RouteSocket{"players"}.add_local_route(kPlayerSide); });
  servers_.run([] { RouteSocket{"servers"}.add_address("lo", kServerSide); });
  options.over == Over::kRouter ? join_by_router(options) : join_by_veth();
  if (options.over == Over::kVethPackets) cap_segments();
  if (options.over == Over::kKernel)
    backend_ = std::make_unique<netem::KernelLinks>(netem::KernelLinks::Options{
        .players = &players_, .servers = &servers_, .players_device = kPlayersVeth, .servers_device = kServersVeth, .bottlenecks = {}});
  for (std::uint32_t i = 0; backend_ && i < options.players; ++i)
    backend_->plug({.address = kFirstPlayer + i, .link = options.link, .origin = base::steady_now(), .seed = i});
}

netem::BackendStats LinksLab::stats() {
  if (backend_) return backend_->stats();
  netem::BackendStats out;
  out.packets = packets_of_veth();
  return out;
}

void LinksLab::measure_from() {
  if (backend_) backend_->measure_from();
}

std::unique_ptr<netem::TunDevice> LinksLab::device_towards(netem::NetworkNamespace& space, const Ipv4Prefix& other_side,
                                                           const Options& options) {
  return space.run([&] {
    auto device = std::make_unique<netem::TunDevice>(netem::TunDevice::Options{.napi = options.napi});
    RouteSocket route{space.name()};
    route.set_up(device->name());
    if (options.threaded && !netem::receive_on_own_thread(device->name())) fmt::print(stderr, "no receiving threads here\n");
    route.add_route({.to = other_side, .device = device->name(), .congestion_control = "cubic"});
    return device;
  });
}

void LinksLab::join_by_router(const Options& options) {
  players_device_ = device_towards(players_, kServerSide, options);
  servers_device_ = device_towards(servers_, kPlayerSide, options);
  backend_ = std::make_unique<netem::TunRouter>(
      netem::TunRouter::Options{.players = players_device_->descriptor(), .servers = servers_device_->descriptor(), .bottlenecks = {}});
}

void LinksLab::join_by_veth() {
  players_.run([this] {
    RouteSocket route{"players"};
    route.add_veth(kPlayersVeth, kServersVeth, servers_.descriptor());
    route.add_address(kPlayersVeth, {kPlayersEnd, 30});
    route.set_up(kPlayersVeth);
    route.add_route({.to = kServerSide, .device = kPlayersVeth, .via = kServersEnd});
  });
  servers_.run([] {
    RouteSocket route{"servers"};
    route.add_address(kServersVeth, {kServersEnd, 30});
    route.set_up(kServersVeth);
    route.add_route({.to = kPlayerSide, .device = kServersVeth, .via = kPlayersEnd, .congestion_control = "cubic"});
  });
}

void LinksLab::cap_segments() {
  players_.run([] { RouteSocket{"players"}.cap_segments(kPlayersVeth, 1); });
  servers_.run([] { RouteSocket{"servers"}.cap_segments(kServersVeth, 1); });
}

std::uint64_t LinksLab::packets_of_veth() {
  return players_.run([] {
    std::ifstream devices{"/proc/thread-self/net/dev"};  // eight columns received, eight sent; the second of each: packets
    const std::string start = std::string{kPlayersVeth} + ":";
    for (std::string word; devices >> word;) {
      if (word != start) continue;
      std::uint64_t columns[10] = {};
      for (std::uint64_t& column : columns) devices >> column;
      return columns[1] + columns[9];
    }
    return std::uint64_t{0};
  });
}

}  // namespace bench
