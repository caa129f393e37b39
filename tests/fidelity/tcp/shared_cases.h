// SharedCase: viewers behind a bottleneck of their region, each of whom downloads one file after the other over a link of its own: by
// ModelTransport, whose bottleneck is looked at in turns, and by PacketTransport, packet by packet through one LinkModel. Virtual time
// only.
#pragma once

#include <string>
#include <vector>

#include "netem/model/impairment.h"

namespace fidelity {

struct SharedCase {
  std::string name;
  netem::ImpairmentSpec bottleneck{};
  netem::LinkSpec link{};
  int viewers = 20;
  std::int64_t bytes = 0;  // of each file
  base::Duration pause{};  // from the end of one to the next: the mean of exponentially distributed times
};

// Of all downloads that began within half a minute, the first five seconds left out.
struct SharedTimes {
  double count = 0;
  double mean = 0, median = 0, p95 = 0;  // seconds
  double carried = 0;                    // bytes a second, of files
};
SharedTimes packets_of(const SharedCase& one, std::uint64_t seed);
SharedTimes fluid_of(const SharedCase& one, std::uint64_t seed);

std::vector<SharedCase> shared_cases();

}  // namespace fidelity
