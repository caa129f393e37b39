// The requests of a real player and of its emulation, line by line beside each other, for whoever looks for the cause of a difference.
#pragma once

#include <string>

#include "harness/replay/fidelity.h"

namespace harness {

// A request and its counterpart: the same kind, track and segment, and as many like it before.
struct RequestPair {
  const RequestRecord* real = nullptr;
  const RequestRecord* emulated = nullptr;
};
// In the order of the real player's requests; those that only the emulation made stand where they began.
std::vector<RequestPair> paired_requests(const SessionRecord& real, const SessionRecord& emulated);
std::string request_table(const ReplayRun& comparison);

}  // namespace harness
