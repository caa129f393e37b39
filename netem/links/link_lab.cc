#include "netem/links/link_lab.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <unordered_map>

#include "base/ensure.h"
#include "base/errors.h"
#include "netem/kernel/kernel_links.h"
#include "netem/topology/relay.h"
#include "netem/topology/tun_device.h"
#include "netem/topology/way_in.h"
#include "netem/tun/threaded_receive.h"
#include "netem/tun/tun_router.h"

namespace netem {
namespace {

constexpr Ipv4Prefix kLab{0xC6120000, 15};      // 198.18.0.0/15
constexpr Ipv4Prefix kServer{0xC6120001, 32};   // kServerAddress
constexpr Ipv4Prefix kAliases{0xC6130000, 16};  // of the relay
constexpr int kShardLength = 16;
constexpr std::uint32_t kMostInShard = 65'534;
constexpr std::uint32_t kPlayersEnd = 0xA9FE0001, kServersEnd = 0xA9FE0002;  // 169.254.0.1 and .2: the two ends of a veth pair
constexpr std::uint32_t kMtu = 1500;

bool holds(const Ipv4Prefix& prefix, std::uint32_t address) { return (address ^ prefix.address) >> (32 - prefix.length) == 0; }

// Neighbour discovery would be a stream of packets that nobody routes. Where /proc/sys is read-only they are just dropped.
void without_ipv6() { std::ofstream{"/proc/sys/net/ipv6/conf/all/disable_ipv6"} << 1; }

// One /16 of players: their namespace, what joins it to the servers' one, and the backend between.
struct Shard {
  std::unique_ptr<NetworkNamespace> players;
  std::unique_ptr<TunDevice> players_device, servers_device;
  std::unique_ptr<LinkBackend> backend;
  Ipv4Prefix addresses{};
  std::uint32_t taken = 0;
};

}  // namespace

class LinkLab::Impl {
 public:
  explicit Impl(const Options& options) : options_{options}, servers_{"servers"} {
    ENSURE(options.backend == BackendChoice::kKernel || options.backend == BackendChoice::kTun);
    const std::size_t room = std::size_t{1} << (kShardLength - options.players.length);
    const std::size_t shards = options.backend == BackendChoice::kKernel ? 1 : std::min(std::max<std::size_t>(options.shards, 1), room);
    servers_.run([] {
      without_ipv6();
      RouteSocket route{"servers"};
      route.add_address("lo", kServer);
      route.add_local_route(kAliases);
    });
    for (std::size_t i = 0; i < shards; ++i) shards_.push_back(lay_out(i));
  }

  void plug(const Plug& plug) {
    Seat& seat = seat_of(plug);
    shards_[seat.shard].backend->plug(
        {.address = seat.address, .link = plug.link, .origin = plug.origin, .seed = plug.seed, .bottleneck = plug.bottleneck});
  }
  LinkReading unplug(base::ViewerId viewer) {
    const Seat& seat = seats_.at(viewer);
    return shards_[seat.shard].backend->unplug(seat.address);
  }
  LinkReading read(base::ViewerId viewer) {
    const Seat& seat = seats_.at(viewer);
    return shards_[seat.shard].backend->read(seat.address);
  }
  std::string source_address(base::ViewerId viewer) const { return to_text_address(seats_.at(viewer).address); }

  int open_socket(base::ViewerId viewer, int type, int protocol, sockaddr_storage& peer, socklen_t& length) {
    if (!is_inside(peer)) {
      if (!relay_) relay_ = std::make_unique<Relay>(servers_, kAliases);
      const sockaddr_in alias = relay_->alias_of(peer, length);
      std::memcpy(&peer, &alias, length = sizeof alias);
    }
    return shards_[seats_.at(viewer).shard].players->run([type, protocol] { return opened(AF_INET, type, protocol); });
  }
  int open_server_side_socket(int family, int type, int protocol) {
    return servers_.run([=] { return opened(family, type, protocol); });
  }
  NetworkNamespace& servers() { return servers_; }
  NetworkNamespace& players(base::ViewerId viewer) { return *shards_[seats_.at(viewer).shard].players; }
  std::uint16_t way_in(std::uint16_t port) {
    if (!way_in_) way_in_ = std::make_unique<WayIn>(servers_, kServer.address);
    return way_in_->open(port);
  }

  BackendStats stats() {
    BackendStats sum;
    for (const Shard& shard : shards_) {
      const BackendStats each = shard.backend->stats();
      sum.packets += each.packets;
      sum.bytes += each.bytes;
      sum.unroutable += each.unroutable;
      sum.lateness.merge(each.lateness);
      sum.cpu += each.cpu;
      if (sum.failure.empty()) sum.failure = each.failure;
    }
    return sum;
  }
  void measure_from() {
    for (const Shard& shard : shards_) shard.backend->measure_from();
  }

 private:
  struct Seat {
    std::size_t shard = 0;
    Ipv4 address = 0;
  };

  static int opened(int family, int type, int protocol) {
    const int fd = socket(family, type | SOCK_CLOEXEC, protocol);
    const int yes = 1;
    // A source address is bound long before the port is needed; without this the ports of all connections would be counted together.
    if (fd >= 0) setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    return fd;
  }

  static bool is_inside(const sockaddr_storage& peer) {
    return peer.ss_family == AF_INET && holds(kLab, ntohl(reinterpret_cast<const sockaddr_in&>(peer).sin_addr.s_addr));
  }

  Seat& seat_of(const Plug& plug) {
    const auto [place, is_new] = seats_.try_emplace(plug.viewer);
    if (!is_new) return place->second;
    const std::size_t index = plug.shard % shards_.size();
    Shard& shard = shards_[index];
    if (shard.taken >= kMostInShard) {
      seats_.erase(place);
      throw base::RunFailed(fmt::format("give viewer {} an address: all {} of {} are taken; spread the viewers over more cohorts",
                                        index_of(plug.viewer), kMostInShard, to_text(shard.addresses)));
    }
    place->second = {.shard = index, .address = shard.addresses.address + ++shard.taken};
    return place->second;
  }

  Shard lay_out(std::size_t index) {
    const auto offset = static_cast<std::uint32_t>(index) << (32 - kShardLength);
    Shard shard;
    shard.addresses = {options_.players.address + offset, kShardLength};
    shard.players = std::make_unique<NetworkNamespace>(fmt::format("players-{}", index));
    shard.players->run(without_ipv6);
    options_.backend == BackendChoice::kTun ? join_by_tun(shard) : join_by_veth(shard);
    return shard;
  }

  // IFF_TUN has no ARP: a route needs no next hop.
  void join_by_tun(Shard& shard) {
    const auto device_in = [](NetworkNamespace& space) {
      return space.run([] {
        auto device = std::make_unique<TunDevice>(TunDevice::Options{});
        receive_on_own_thread(device->name());  // or, where that is refused, on the router's
        return device;
      });
    };
    shard.players_device = device_in(*shard.players);
    shard.servers_device = device_in(servers_);
    shard.players->run([&] {
      RouteSocket route{shard.players->name()};
      bring_up(route, shard.players_device->name());
      route.add_local_route(shard.addresses);
      route.add_route({.to = {0, 0}, .device = shard.players_device->name()});
    });
    servers_.run([&] {
      RouteSocket route{"servers"};
      bring_up(route, shard.servers_device->name());
      route.add_route(
          {.to = shard.addresses, .device = shard.servers_device->name(), .via = {}, .congestion_control = options_.congestion_control});
    });
    shard.backend = std::make_unique<TunRouter>(TunRouter::Options{
        .players = shard.players_device->descriptor(), .servers = shard.servers_device->descriptor(), .bottlenecks = options_.bottlenecks});
  }

  // Next hops, because a veth resolves every address by ARP, and its table holds about a thousand.
  void join_by_veth(Shard& shard) {
    shard.players->run([&] {
      RouteSocket route{shard.players->name()};
      route.add_veth("p0", "s0", servers_.descriptor());
      route.add_address("p0", {kPlayersEnd, 30});
      bring_up(route, "p0");
      route.add_local_route(shard.addresses);
    });
    servers_.run([&] {
      RouteSocket route{"servers"};
      route.add_address("s0", {kServersEnd, 30});
      bring_up(route, "s0");
      route.add_route({.to = shard.addresses, .device = "s0", .via = kPlayersEnd, .congestion_control = options_.congestion_control});
    });
    shard.players->run([&] { RouteSocket{shard.players->name()}.add_route({.to = {0, 0}, .device = "p0", .via = kServersEnd}); });
    shard.backend = std::make_unique<KernelLinks>(KernelLinks::Options{.players = shard.players.get(),
                                                                       .servers = &servers_,
                                                                       .players_device = "p0",
                                                                       .servers_device = "s0",
                                                                       .bottlenecks = options_.bottlenecks});
  }

  static void bring_up(RouteSocket& route, const std::string& device) {
    route.set_mtu(device, kMtu);
    route.set_up(device);
  }

  Options options_;
  NetworkNamespace servers_;
  std::vector<Shard> shards_;
  std::unordered_map<base::ViewerId, Seat> seats_;
  std::unique_ptr<Relay> relay_;
  std::unique_ptr<WayIn> way_in_;
};

LinkLab::LinkLab(const Options& options) : impl_{std::make_unique<Impl>(options)} {}
LinkLab::~LinkLab() = default;
void LinkLab::plug(const Plug& plug) { impl_->plug(plug); }
LinkReading LinkLab::unplug(base::ViewerId viewer) { return impl_->unplug(viewer); }
LinkReading LinkLab::read(base::ViewerId viewer) { return impl_->read(viewer); }
std::string LinkLab::source_address(base::ViewerId viewer) const { return impl_->source_address(viewer); }
int LinkLab::open_socket(base::ViewerId viewer, int type, int protocol, sockaddr_storage& peer, socklen_t& length) {
  return impl_->open_socket(viewer, type, protocol, peer, length);
}
int LinkLab::open_server_side_socket(int family, int type, int protocol) { return impl_->open_server_side_socket(family, type, protocol); }
NetworkNamespace& LinkLab::players(base::ViewerId viewer) { return impl_->players(viewer); }
std::uint16_t LinkLab::way_in(std::uint16_t port) { return impl_->way_in(port); }
NetworkNamespace& LinkLab::servers() { return impl_->servers(); }
BackendStats LinkLab::stats() { return impl_->stats(); }
void LinkLab::measure_from() { impl_->measure_from(); }

}  // namespace netem
