// LinksLab: two namespaces and what joins them: a veth pair, or players' links by the user-space router or by the kernel's netem.
//
//   players 10.64.0.0/16 ── router's two TUN devices, or veth pair with or without netem ── 198.18.0.1 server
#pragma once

#include <cstdint>
#include <memory>

#include "netem/model/backend.h"
#include "netem/topology/network_namespace.h"
#include "netem/topology/route_socket.h"
#include "netem/topology/tun_device.h"

namespace bench {

enum class Over {
  kRouter,
  kKernel,
  kVeth,         // as it is
  kVethPackets,  // without segmentation offload, as netem needs it
};

class LinksLab {
 public:
  static constexpr netem::Ipv4 kServer = 0xC6120001;       // 198.18.0.1
  static constexpr netem::Ipv4 kFirstPlayer = 0x0A400001;  // 10.64.0.1

  struct Options {
    Over over = Over::kRouter;
    std::uint32_t players = 0;  // each with a link of its own where there are links
    netem::LinkSpec link{};
    bool napi = true;      // of the TUN devices
    bool threaded = true;  // see netem::receive_on_own_thread
  };
  // Throws base::RunFailed.
  explicit LinksLab(const Options& options);

  netem::NetworkNamespace& players() { return players_; }
  netem::NetworkNamespace& servers() { return servers_; }
  // Packets over a veth without links are those of its device: trains of them where segmentation offload is on.
  netem::BackendStats stats();
  void measure_from();  // lateness starts anew

 private:
  std::unique_ptr<netem::TunDevice> device_towards(netem::NetworkNamespace& space, const netem::Ipv4Prefix& other_side,
                                                   const Options& options);
  void join_by_router(const Options& options);
  void join_by_veth();
  void cap_segments();
  std::uint64_t packets_of_veth();

  netem::NetworkNamespace players_{"players"}, servers_{"servers"};
  std::unique_ptr<netem::TunDevice> players_device_, servers_device_;
  std::unique_ptr<netem::LinkBackend> backend_;  // none over a plain veth pair
};

}  // namespace bench
