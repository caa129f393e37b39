// What both benchmark programs report of themselves: CPU time, resident memory and lateness, as one line of JSON for
// ci/bench-players; and the options they share.
#pragma once

#include <cstdint>
#include <string>

#include "base/histogram.h"
#include "base/time.h"

namespace bench {

struct Options {
  std::string url;  // players: of the title, URL/master.m3u8 or URL/manifest.mpd; bare fetch: of a rendition, URL/N.m4s
  std::uint32_t players = 2000;
  std::string device{};  // players only: of the catalogue, or an engine's name; empty: the parameterised player
  base::Duration duration = std::chrono::seconds{20};  // measured, after the warm-up
  base::Duration warmup = std::chrono::seconds{4};
  base::Duration arrivals{};                        // players only: within the warm-up
  base::Duration period = std::chrono::seconds{2};  // one segment per player
  std::uint32_t segments = 300;                     // listed
  std::string pool = "interface";                   // bare fetch only: interface | share
  std::uint32_t per_multi = 32;                     // bare fetch only
};
// Prints a message and exits with 104 when an option is unknown or its value unusable.
Options parse_options(int argc, char** argv);

// 127.1.x.y: an address of its own for every player of a loopback test. Requires: index < 64,000.
std::string loopback_address(std::uint32_t index);

struct Figures {
  std::uint32_t players = 0;
  std::uint64_t requests = 0;  // answered within the measured time, from the network
  std::uint64_t failures = 0;
  std::uint64_t bytes = 0;
  base::Duration cpu{};  // within the measured time
  base::Duration wall{};
  std::int64_t resident_growth = 0;  // from before the first player to the end
};
void print_figures(const Figures& figures, const base::Histogram& lateness_seconds);

}  // namespace bench
