// TunRouter: the user-space router. Reads IP packets from the TUN device of the players and of the servers, gives each to its player's
// LinkModel, and writes it to the other side when it is due. TCP super-packets (VNET_HDR) are judged segment by segment and split
// around those that are lost. Owns one thread; a rehearsal runs one or more, with a share of the cohorts each.
#pragma once

#include <memory>
#include <vector>

#include "netem/model/backend.h"

namespace netem {

class TunRouter final : public LinkBackend {
 public:
  struct Options {
    int players = -1;  // descriptors of TUN devices with VNET_HDR; not owned
    int servers = -1;
    std::vector<Bottleneck> bottlenecks{};
    base::Duration longest_train =
        std::chrono::milliseconds{1};  // segments of a super-packet leave together when their dues lie this close
    int real_time_priority = 1;        // SCHED_FIFO, where that is permitted; 0: none
  };
  explicit TunRouter(const Options& options);
  ~TunRouter() override;

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
