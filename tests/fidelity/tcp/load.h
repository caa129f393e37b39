// Load: what is downloaded, by a real client and in virtual time alike. A chain is one connection that is kept: its downloads follow
// each other, the first `starts` after the beginning, each next one `gap` after the last byte of the one before, or not before its own
// time where it has one.
//
//   {"chains": [{"start_ms": 0, "gap_ms": 5, "bytes": [24680, 24532], "at_ms": [0, 1500]}]}     at_ms may be left out
#pragma once

#include <string>
#include <vector>

#include "base/time.h"

namespace fidelity {

struct Chain {
  base::Duration starts{}, gap{};
  std::vector<std::int64_t> bytes{};
  std::vector<base::Duration> at{};  // after the beginning; empty, or one for each
};

struct Load {
  std::vector<Chain> chains{};
};

// Throws base::InvalidInput.
Load read_load(const std::string& file);

}  // namespace fidelity
