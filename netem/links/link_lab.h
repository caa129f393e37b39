// LinkLab: players behind links. Lays out the namespaces, devices and addresses for the chosen backend, gives each viewer a source
// address and a link, and opens sockets on the players' side. The servers' side has the address kServer; what lies outside the lab is
// reached through a relay. Everything is gone with the object, or with the process.
//
//   players 10.64.0.0/16 ── link ──┐
//   players 10.65.0.0/16 ── link ──┼── servers 198.18.0.1 (reference server) · 198.19.0.0/16 (relay) ── the machine's own network
//        one namespace per shard ──┘
#pragma once

#include <sys/socket.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "netem/links/probe.h"
#include "netem/model/backend.h"
#include "netem/topology/network_namespace.h"
#include "netem/topology/route_socket.h"

namespace netem {

// RFC 2544's block for benchmarks: on no real network, so that it collides with none.
inline constexpr const char* kServerAddress = "198.18.0.1";
inline constexpr Ipv4Prefix kDefaultPlayers{0x0A400000, 10};  // 10.64.0.0/10

class LinkLab {
 public:
  struct Options {
    std::string congestion_control = "cubic";     // of the servers' side; empty: the machine's default
    BackendChoice backend = BackendChoice::kTun;  // kKernel or kTun
    Ipv4Prefix players = kDefaultPlayers;         // at most 65,534 players in each /16 of it; one /16 per shard
    std::size_t shards = 1;                       // threads of the user-space router
    std::vector<Bottleneck> bottlenecks{};
  };
  // Throws base::RunFailed.
  explicit LinkLab(const Options& options);
  ~LinkLab();

  // A viewer's link from now on. Viewers of one bottleneck must be of one shard. Requires: shard < shards.
  struct Plug {
    base::ViewerId viewer{};
    std::size_t shard = 0;
    LinkSpec link{};
    base::Instant origin{};
    std::uint64_t seed = 0;
    std::optional<std::size_t> bottleneck{};
  };
  void plug(const Plug& plug);
  // The link's final counters; the viewer's address is not given to another.
  LinkReading unplug(base::ViewerId viewer);
  LinkReading read(base::ViewerId viewer);
  // "10.64.0.7". Requires: plugged.
  std::string source_address(base::ViewerId viewer) const;

  // A socket on the viewer's side for a connection to `peer`, or -1 with errno. An IPv4 or IPv6 peer outside the lab is replaced by
  // the relay's alias. Requires: plugged.
  int open_socket(base::ViewerId viewer, int type, int protocol, sockaddr_storage& peer, socklen_t& length);
  // A socket on the servers' side, unimpaired: for the harness's own requests to the server.
  int open_server_side_socket(int family, int type, int protocol);
  NetworkNamespace& servers();
  NetworkNamespace& players(base::ViewerId viewer);  // where the viewer is. Requires: plugged
  // A port of 127.0.0.1 outside that leads to `port` of kServerAddress, unimpaired: for a browser, curl or Prometheus.
  std::uint16_t way_in(std::uint16_t port);

  BackendStats stats();
  void measure_from();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace netem
