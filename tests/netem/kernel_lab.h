// KernelLab: players and servers in namespaces of their own, a veth pair between them, and KernelLinks on it.
//
//   10.64.0.0/16 ── p0 ── s0 ── 198.18.0.1
#pragma once

#include <memory>
#include <vector>

#include "netem/kernel/kernel_links.h"
#include "netem/topology/network_namespace.h"
#include "tests/netem/link_measure.h"

namespace netem {

class KernelLab {
 public:
  static constexpr Ipv4 kPlayer = 0x0A400001;  // 10.64.0.1
  static constexpr Ipv4 kServer = 0xC6120001;  // 198.18.0.1

  explicit KernelLab(std::vector<Bottleneck> bottlenecks = {});

  KernelLinks& links() { return *links_; }
  NetworkNamespace& players() { return players_; }
  NetworkNamespace& servers() { return servers_; }
  // The player's two ends, for measuring.
  MeasuredLink ends(Ipv4 player = kPlayer);

 private:
  NetworkNamespace players_, servers_;
  std::unique_ptr<KernelLinks> links_;
};

}  // namespace netem
