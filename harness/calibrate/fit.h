// What `rehearse calibrate` makes of its samples: quantiles of think times, what a new connection costs, and where a server has no more to
// give. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "harness/scenario/server_model.h"

namespace harness {

// Nearest rank. Requires: `sorted` is not empty.
base::Duration quantile_of(const std::vector<base::Duration>& sorted, double share);

// Times from request to first byte on open connections, less the round trip. A quantile is given where at least one sample lies beyond it
// on either side: the 99th percentile of 100 samples and more. Nothing without samples.
std::optional<ThinkTime> fit_think(std::vector<base::Duration> first_bytes, base::Duration rtt);

// What the first request of a connection takes beyond one on an open connection and the connection's round trips (TCP's, and one of TLS
// 1.3): an upper bound of the processor time, as it also holds what the network and this machine take. Medians.
base::Duration fit_connection(std::vector<base::Duration> fresh, std::vector<base::Duration> open, base::Duration rtt, bool tls);

// Closed loop: so many requests were always under way.
struct LoadStep {
  int requests_at_once = 1;
  std::size_t answered = 0;  // what was still coming in the end counts too, where its bytes do
  double requests_per_s = 0;
  double bits_per_s = 0;    // of bodies, of those too that were still coming in the end
  base::Duration median{};  // whole transfers; zero: none was whole
  double own_load = 0;      // of the measuring program: share of one processor core
};
enum class LoadOf { kRequests, kBytes };

// Beyond these the server has no more to give, by the definition of this program.
inline constexpr double kLeastGrowth = 1.1;  // of the throughput, when the requests under way double twice
inline constexpr double kMostSlowdown = 2;   // of the median, against one request at a time
inline constexpr double kOwnLimit = 0.85;    // of a core: above it the measuring program is what limits

// There is no need to load it more.
bool is_at_capacity(const std::vector<LoadStep>& steps, LoadOf what);

struct Capacity {
  double value = 0;  // requests/s, or bit/s
  std::size_t count = 0;
  std::string how;
};
std::optional<Capacity> fit_capacity(const std::vector<LoadStep>& steps, LoadOf what);

}  // namespace harness
