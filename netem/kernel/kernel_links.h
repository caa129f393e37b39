// KernelLinks: the kernel's own impairments. On each end of a veth pair an HTB tree sorts packets by the player's address (a hashed
// filter) into a class per player with a netem leaf; netem loses, delays, duplicates and paces, HTB holds shared bottlenecks. Traces
// are played by changing netem at each step. Through libnl; needs the sch_netem, sch_htb and cls_u32 of the kernel.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "netem/model/backend.h"
#include "netem/topology/network_namespace.h"

namespace netem {

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
