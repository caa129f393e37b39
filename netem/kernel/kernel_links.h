// KernelLinks: the kernel's own impairments. On each end of a veth pair an HTB tree sorts packets by the player's address (a hashed
// filter) into a class per player with a netem leaf; netem loses, delays, duplicates and paces, HTB holds shared bottlenecks. Traces
// are played by changing class and netem at each step. Through libnl; needs the sch_netem, sch_htb and cls_u32 of the kernel.
//
// Where the kernel does otherwise than the user-space router:
//   queue       netem counts packets, those under way included (shaping.h)
//   bottleneck  what waits for it waits in the players' own leaves, on both ways behind their links; they take turns at it, packet by
//               packet, and each has the bottleneck's queue to itself
//   outage      one packet that was due before it may still pass
//   counters    lost, overflowed and duplicated are partly expectations (queue_counters.h)
//   duplicate   refused by newer kernels as soon as several players are plugged; plug() says so in the kernel's words
//   jitter      its correlation has no effect
// departures_of says which of these a spec meets. The kernel logs "non-work-conserving" for each netem qdisc below HTB,
// which is harmless; but HTB goes through all players who have packets under way before it finds that none is due, so that the cost of
// a packet grows with them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "netem/model/backend.h"
#include "netem/topology/network_namespace.h"

namespace netem {

// One sentence for each thing in the spec that the kernel does otherwise than the user-space router (LinkModel).
std::vector<std::string> departures_of(const ImpairmentSpec& spec);

class KernelLinks final : public LinkBackend {
 public:
  struct Options {
    NetworkNamespace* players = nullptr;  // outlive this object
    NetworkNamespace* servers = nullptr;
    std::string players_device{};  // egress: the way up
    std::string servers_device{};  // egress: the way down
    std::vector<Bottleneck> bottlenecks{};
  };
  explicit KernelLinks(const Options& options);
  ~KernelLinks() override;

  void plug(const PlayerLink& player) override;
  LinkReading unplug(Ipv4 address) override;
  LinkReading read(Ipv4 address) override;
  BackendStats stats() override;
  void measure_from() override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace netem
