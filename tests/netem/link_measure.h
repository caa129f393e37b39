// What a link does to packets, measured from its two ends with ordinary sockets, whichever backend is between them. Calls block; every
// one is bounded in time. Rates and sizes are of IP packets (headers included), as in an ImpairmentSpec.
//
// Waiting is by blocking calls and arrival times are the kernel's, so that a machine with one processor (user-mode-linux) measures the
// link and not itself.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "netem/model/backend.h"
#include "netem/topology/descriptor.h"

namespace netem {

struct MeasuredLink {
  std::function<Descriptor(int type)> player_socket;  // SOCK_STREAM or SOCK_DGRAM, IPv4, unbound; on the player's side
  std::function<Descriptor(int type)> server_socket;
  Ipv4 player = 0, server = 0;
};

// From the player to the server and back, one after the other, in ascending order; without the time that the two ends take to wake up.
// An echo that does not come within `patience` is left out.
std::vector<base::Duration> measure_round_trips(const MeasuredLink& link, std::size_t count,
                                                base::Duration patience = std::chrono::seconds{1});
// Of an ascending sequence; q in [0, 1]. Requires: it is not empty.
base::Duration quantile_of(const std::vector<base::Duration>& ascending, double q);

enum class Towards { kPlayer, kServer };

// Numbered datagrams.
struct DatagramCount {
  std::uint64_t sent = 0;
  std::uint64_t arrived = 0;          // different ones
  std::uint64_t again = 0;            // that had arrived before
  std::uint64_t overtaken = 0;        // after one with a higher number
  std::vector<std::uint64_t> bursts;  // lengths of the runs that did not arrive
  double lost_share() const { return sent == 0 ? 0 : 1 - static_cast<double>(arrived) / static_cast<double>(sent); }
};
// In batches of `batch`, each after the one before has arrived or `patience` is over, so that no queue overflows.
struct Numbered {
  Towards towards = Towards::kPlayer;
  std::uint64_t count = 0;
  std::uint64_t batch = 100;
  base::ByteCount packet = base::ByteCount::bytes(60);
  base::Duration patience = std::chrono::milliseconds{30};
};
DatagramCount count_datagrams(const MeasuredLink& link, const Numbered& numbered);

// Full packets offered at `offered`, and the rate at which they arrive in each of `bins` bins of `width`, the first from `start`.
struct Stream {
  Towards towards = Towards::kPlayer;
  base::Bitrate offered{};
  base::Instant start{};
  std::size_t bins = 1;
  base::Duration width = std::chrono::seconds{1};
  base::Duration lead = std::chrono::milliseconds{300};  // offered from this long before the first bin, to fill the queue
};
std::vector<base::Bitrate> measure_rate(const MeasuredLink& link, const Stream& stream);

// What one TCP connection to the player carries during `time`, once `warm_up` is over. Payload bits.
base::Bitrate measure_goodput(const MeasuredLink& link, base::Duration time, base::Duration warm_up);

}  // namespace netem
