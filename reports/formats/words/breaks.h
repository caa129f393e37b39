// Where a simulated delivery breaks: of each group of servers that are alike (the edges of a region, the shields, the origin) the one that
// met a limit first, with what was going on then and what it would have needed. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/store/run_store.h"

namespace reports {

struct Break {
  std::string server;                               // the first of its group: "eu-1"
  std::string group;                                // "edges of eu", "shields", "origin"
  std::string limit;                                // "requests", "egress", "connections", "transcode", "link", "processor"
  double at = 0;                                    // seconds into the live phase, or since the run's begin
  bool in_warmup = false;                           // the latter: it ended in its warm-up
  std::size_t servers = 1, met = 1;                 // of the group; and that met a limit
  double last_at = 0;                               // when the last of those did
  std::optional<std::uint32_t> active{};            // sessions of the whole audience then
  std::optional<double> viewers{}, most_viewers{};  // connected to this server: then, and at most; where viewers come to it
  std::optional<double> capacity{}, peak{};         // the limit; what its busiest second asked for
  double longest_wait = 0;                          // seconds, of any answer
  // What its most viewers take on average, each as much as those in the half minute before.
  std::optional<double> needed{};
};

// In the order of time; empty when no limit was met.
std::vector<Break> breaks(const StoredRun& run);
std::string in_words(const Break& each);

}  // namespace reports
