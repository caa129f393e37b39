// LinkBackend: what puts links between players and servers, whichever way: the user-space router (netem/tun) or the kernel's netem
// (netem/kernel). A player is known by its source address. Calls come from one thread and take effect at once, for packets that are
// offered from then on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/histogram.h"
#include "netem/model/impairment.h"
#include "netem/model/link_model.h"

namespace netem {

using Ipv4 = std::uint32_t;  // host byte order: 10.0.0.1 is 0x0A000001

struct PlayerLink {
  Ipv4 address = 0;
  LinkSpec link{};
  base::Instant origin{};                   // time zero of its traces, on base::steady_now()'s clock
  std::uint64_t seed = 0;                   // of its losses and jitter; user-space router only
  std::optional<std::size_t> bottleneck{};  // index into Bottlenecks: shared with the others who name it
};

// Shared by the players of a region: in front of their own links on the way down, behind them on the way up.
struct Bottleneck {
  std::string name{};
  LinkSpec link{};  // rates and queues; the rest must be left out
};

struct LinkReading {
  LinkCounters down{}, up{};
};

struct BackendStats {
  std::uint64_t packets = 0;  // read from both sides
  std::uint64_t bytes = 0;
  std::uint64_t unroutable = 0;  // from or to an address that has no link: dropped
  base::Histogram lateness{};    // seconds between due and sent, per packet; empty where the kernel does it
  base::Duration cpu{};          // of the router's threads; zero where the kernel does it
  std::string failure{};         // not empty: the backend is broken beyond use
};

class LinkBackend {
 public:
  virtual ~LinkBackend() = default;
  // A link that is there already is replaced: its packets in flight still arrive, its counters go on.
  virtual void plug(const PlayerLink& player) = 0;
  // The final counters. Packets in flight are dropped.
  virtual LinkReading unplug(Ipv4 address) = 0;
  virtual LinkReading read(Ipv4 address) = 0;
  virtual BackendStats stats() = 0;
  // Lateness starts anew.
  virtual void measure_from() = 0;
};

}  // namespace netem
